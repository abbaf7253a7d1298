{{ config(materialized='table') }}

{{ active_baseline(
    source('segmentation_state', 'fit_customer_baseline'), 'customer'
) }}
