{{ config(enabled=segmentation.has_shop(), materialized='table') }}

with order_items as (
    select * from {{ ref('shop_order_items') }}
),

credit_notes as (
    select
        order_item_id,
        order_id,
        customer_id,
        product_id,
        ordered_at,
        cast(abs(sale_price) as decimal(18, 2)) as amount,
        cast(abs(quantity) as decimal(18, 3)) as quantity
    from order_items
    where sale_price < 0 or quantity < 0
),

orders_with_items as (
    select distinct order_items.order_id
    from order_items
    inner join credit_notes on order_items.order_id = credit_notes.order_id
    where order_items.sale_price >= 0 and coalesce(order_items.quantity, 0) >= 0
)

select
    credit_notes.order_item_id,
    credit_notes.order_id,
    credit_notes.customer_id,
    credit_notes.product_id,
    credit_notes.ordered_at,
    credit_notes.amount,
    credit_notes.quantity,
    orders_with_items.order_id is null as is_no_order
from credit_notes
left join orders_with_items
    on credit_notes.order_id = orders_with_items.order_id
