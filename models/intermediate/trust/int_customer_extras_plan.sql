{{ config(materialized='table') }}

{{ extras_plan('customer', extras=[
    source('segmentation_state', 'fit_customer_alternatives'),
    source('segmentation_state', 'fit_customer_comparison'),
    source('segmentation_state', 'fit_customer_map'),
    source('segmentation_state', 'fit_customer_stability'),
]) }}
