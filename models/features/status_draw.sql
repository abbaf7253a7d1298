{{ config(enabled=segmentation.has_segmentation('customer')) }}

with order_items as (
    select * from {{ ref('order_items_counted') }}
),

drawn as (
    select customer_id
    from order_items
    group by customer_id
    order by md5(cast(customer_id as string)), customer_id
    limit 4000
)

select
    cast(order_items.customer_id as string) as unit_id,
    order_items.order_id,
    order_items.order_item_id,
    order_items.sale_price,
    order_items.cost,
    order_items.is_cancelled,
    order_items.is_returned,
    order_items.is_delivered
from order_items
inner join drawn on order_items.customer_id = drawn.customer_id
