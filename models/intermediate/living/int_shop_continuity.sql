{{ config(materialized='table', post_hook="{{ say_other_shop() }}") }}

{{ shop_continuity(
    changes=source('segmentation_state', 'customer_segment_changes'),
    population=ref('shop_customers'),
    key='customer_id',
) }}
