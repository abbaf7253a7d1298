{{ config(
    materialized='table',
    post_hook="{{ refuse_unknown_version('product') }}",
) }}

{{ earlier_events(
    source('segmentation_state', 'product_model_log'),
    continuity=ref('int_shop_continuity'),
) }}
