{{ config(
    materialized='table',
    meta={'segmentation': 'customer', 'features': 'customer_features'},
    pre_hook="{{ refuse_unfittable('customer', 'customers') }}",
    post_hook="{{ say_plan('customer') }}",
) }}

{{ fit_plan('customer', as_of=ref('as_of')) }}
