-- A table: two models read it, and one statement with every sum and favourite
-- of ten million customers would hold them all in memory at once.
{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
) }}

with orders as (
    select * from {{ ref('orders_as_of') }}
),

order_items as (
    select * from {{ ref('order_items_as_of') }}
),

-- Imported twice: DuckDB would keep what is read twice, of both days.
kept_items as (
    select * from {{ ref('order_items_as_of') }}
    where is_kept
),

orders_by_customer as (
    select
        as_of_date,
        days_back,
        customer_id,
        count(*) as orders,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at
    from orders
    group by as_of_date, days_back, customer_id
),

items_by_customer as (
    select
        days_back,
        customer_id,
        sum(pieces) as items,
        sum(pieces - returned_pieces) filter (where is_kept and cost is null)
            as items_without_cost,
        sum(pieces) filter (where is_cancelled) as cancelled_items,
        sum(returned_pieces) as returned_items,
        sum(pieces) filter (where is_delivered) as delivered_items,
        sum(sale_price) filter (where is_kept) as spend,
        sum(sale_price - cost) filter (where is_kept) as margin
    from order_items
    group by days_back, customer_id
),

kept_orders as (
    select distinct
        days_back,
        customer_id,
        order_id
    from kept_items
),

kept_orders_by_customer as (
    select
        days_back,
        customer_id,
        count(*) as orders
    from kept_orders
    group by days_back, customer_id
)

select
    orders.as_of_date,
    orders.days_back,
    orders.customer_id,
    orders.orders,
    coalesce(kept_orders.orders, 0) as orders_with_kept_items,
    coalesce(items.items, 0) as items,
    coalesce(items.items_without_cost, 0) as items_without_cost,
    coalesce(items.cancelled_items, 0) as cancelled_items,
    coalesce(items.returned_items, 0) as returned_items,
    coalesce(items.delivered_items, 0) as delivered_items,
    coalesce(items.spend, 0) as spend,
    coalesce(items.margin, 0) as margin,
    orders.first_order_at,
    orders.last_order_at
from orders_by_customer as orders
left join items_by_customer as items
    on
        orders.days_back = items.days_back
        and orders.customer_id = items.customer_id
left join kept_orders_by_customer as kept_orders
    on
        orders.days_back = kept_orders.days_back
        and orders.customer_id = kept_orders.customer_id
