{{ config(
    materialized='table',
    post_hook="{{ refuse_unknown_version('customer') }}",
) }}

{{ earlier_events(
    source('segmentation_state', 'customer_model_log'),
    continuity=ref('int_shop_continuity'),
) }}
