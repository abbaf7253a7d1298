{{ config(
    materialized='table',
    meta={'segmentation': 'product', 'features': 'product_features'},
    pre_hook="{{ refuse_unfittable('product', 'products') }}",
    post_hook="{{ say_plan('product') }}",
) }}

{{ fit_plan('product', as_of=ref('as_of')) }}
