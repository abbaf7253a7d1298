{{ config(materialized='table') }}

{{ basket_plan(
    'customer', source('segmentation_state', 'fit_basket_components')
) }}
