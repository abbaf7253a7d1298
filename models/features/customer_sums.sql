{{ config(enabled=segmentation.has_segmentation('customer')) }}

with orders as (
    select * from {{ ref('orders_counted') }}
),

order_items as (
    select * from {{ ref('order_items_counted') }}
),

-- Items are summed by order first, so that no order is counted per item.
items_by_order as (
    select
        order_id,
        count(*) as items,
        count_if(is_kept) as kept_items,
        count_if(is_kept and cost is null) as items_without_cost,
        count_if(is_cancelled) as cancelled_items,
        count_if(is_returned) as returned_items,
        sum(sale_price) filter (where is_kept) as spend,
        sum(sale_price - cost) filter (where is_kept) as margin
    from order_items
    group by order_id
)

select
    orders.customer_id,
    count(*) as orders,
    count_if(coalesce(items.kept_items, 0) > 0) as orders_with_kept_items,
    coalesce(sum(items.items), 0) as items,
    coalesce(sum(items.items_without_cost), 0) as items_without_cost,
    coalesce(sum(items.cancelled_items), 0) as cancelled_items,
    coalesce(sum(items.returned_items), 0) as returned_items,
    coalesce(sum(items.spend), 0) as spend,
    coalesce(sum(items.margin), 0) as margin,
    min(orders.ordered_at) as first_order_at,
    max(orders.ordered_at) as last_order_at
from orders
left join items_by_order as items on orders.order_id = items.order_id
group by orders.customer_id
