{{ config(materialized='table') }}

{{ earlier_names(
    source('segmentation_state', 'fit_product_names'), 'product'
) }}
