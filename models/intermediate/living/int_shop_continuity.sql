{{ config(materialized='table', post_hook="{{ say_other_shop() }}") }}

{{ shop_continuity(
    changes=source('segmentation_state', 'customer_segment_changes'),
    population=ref('shop_customers'),
    first_orders=source('segmentation_state', 'int_shop_first_orders'),
    orders=ref('customer_sums'),
    key='customer_id',
) }}
