-- Read three times: joining anew each time makes 9 s of 5 s at 1 million users.
{{ config(materialized='table') }}

with

shop_order_items as (

    select * from {{ ref('shop_order_items') }}

),

orders as (

    select * from {{ ref('int_orders_counted') }}

),

-- An item follows its order in date and in customer: an order counts whole or
-- not at all, although an item may carry a time of its own.
order_items as (

    select
        shop_order_items.order_item_id,
        shop_order_items.order_id,
        orders.customer_id,
        shop_order_items.product_id,
        shop_order_items.brand,
        shop_order_items.category,
        shop_order_items.sale_price,
        shop_order_items.cost,
        orders.ordered_at,
        shop_order_items.is_cancelled,
        shop_order_items.is_returned
        and not shop_order_items.is_cancelled as is_returned,
        not shop_order_items.is_cancelled
        and not shop_order_items.is_returned as is_kept
    from shop_order_items
    inner join orders on shop_order_items.order_id = orders.order_id

)

select * from order_items
