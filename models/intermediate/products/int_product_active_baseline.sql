{{ config(materialized='table') }}

{{ active_baseline(
    source('segmentation_state', 'fit_product_baseline'), 'product'
) }}
