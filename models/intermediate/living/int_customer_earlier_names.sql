{{ config(materialized='table') }}

{{ earlier_names(
    source('segmentation_state', 'fit_customer_names'), 'customer'
) }}
