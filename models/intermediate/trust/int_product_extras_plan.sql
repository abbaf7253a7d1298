{{ config(materialized='table') }}

{{ extras_plan('product', extras=[
    source('segmentation_state', 'fit_product_stability'),
]) }}
