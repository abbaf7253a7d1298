{{ config(enabled=segmentation.has_segmentation('customer')) }}

with orders as (
    select * from {{ ref('orders_counted') }}
),

order_items as (
    select * from {{ ref('order_items_counted') }}
),

orders_by_customer as (
    select
        customer_id,
        count(*) as orders,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at
    from orders
    group by customer_id
),

items_by_customer as (
    select
        customer_id,
        count(*) as items,
        count_if(is_kept and cost is null) as items_without_cost,
        count_if(is_cancelled) as cancelled_items,
        count_if(is_returned) as returned_items,
        sum(sale_price) filter (where is_kept) as spend,
        sum(sale_price - cost) filter (where is_kept) as margin
    from order_items
    group by customer_id
),

kept_orders as (
    select distinct
        customer_id,
        order_id
    from order_items
    where is_kept
),

kept_orders_by_customer as (
    select
        customer_id,
        count(*) as orders
    from kept_orders
    group by customer_id
)

select
    orders.customer_id,
    orders.orders,
    coalesce(kept_orders.orders, 0) as orders_with_kept_items,
    coalesce(items.items, 0) as items,
    coalesce(items.items_without_cost, 0) as items_without_cost,
    coalesce(items.cancelled_items, 0) as cancelled_items,
    coalesce(items.returned_items, 0) as returned_items,
    coalesce(items.spend, 0) as spend,
    coalesce(items.margin, 0) as margin,
    orders.first_order_at,
    orders.last_order_at
from orders_by_customer as orders
left join items_by_customer as items on orders.customer_id = items.customer_id
left join kept_orders_by_customer as kept_orders
    on orders.customer_id = kept_orders.customer_id
