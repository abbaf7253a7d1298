{{ config(enabled=segmentation.has_shop()) }}

with order_items as (
    select * from {{ ref('order_items_as_of') }}
    where days_back = 0
)

select
    order_item_id,
    order_id,
    customer_id,
    product_id,
    brand,
    category,
    sale_price,
    cost,
    refunded_amount,
    pieces,
    returned_pieces,
    ordered_at,
    is_cancelled,
    is_returned,
    is_delivered,
    is_kept
from order_items
