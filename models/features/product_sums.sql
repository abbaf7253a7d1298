{{ config(enabled=segmentation.has_segmentation('product')) }}

with order_items as (
    select * from {{ ref('order_items_counted') }}
    where product_id is not null
),

sums as (
    select
        product_id,
        sum(pieces) as items,
        coalesce(
            sum(pieces - returned_pieces) filter (where is_kept), 0
        ) as units,
        coalesce(
            sum(pieces - returned_pieces) filter (
                where is_kept and cost is null
            ), 0
        ) as units_without_cost,
        coalesce(sum(pieces) filter (where is_cancelled), 0)
            as cancelled_items,
        sum(returned_pieces) as returned_items,
        coalesce(sum(pieces) filter (where is_delivered), 0)
            as delivered_items,
        sum(sale_price + refunded_amount) as asked,
        coalesce(sum(sale_price) filter (where is_kept), 0) as revenue,
        coalesce(sum(sale_price - cost) filter (where is_kept), 0) as margin,
        sum(sale_price) filter (where cost is not null) as asked_at_known_cost,
        sum(sale_price - cost) as markup,
        max(ordered_at) as last_ordered_at
    from order_items
    group by product_id
),

-- Grouping twice, by order and then by buyer, counts both without a distinct
-- count.
product_orders as (
    select distinct
        product_id,
        customer_id,
        order_id
    from order_items
),

product_buyers as (
    select
        product_id,
        customer_id,
        count(*) as orders
    from product_orders
    group by product_id, customer_id
),

buyers as (
    select
        product_id,
        sum(orders) as orders,
        count(*) as distinct_buyers,
        count_if(orders > 1) as repeat_buyers
    from product_buyers
    group by product_id
)

select
    sums.product_id,
    buyers.orders,
    buyers.distinct_buyers,
    buyers.repeat_buyers,
    sums.items,
    sums.units,
    sums.units_without_cost,
    sums.cancelled_items,
    sums.returned_items,
    sums.delivered_items,
    sums.asked,
    sums.revenue,
    sums.margin,
    sums.asked_at_known_cost,
    sums.markup,
    sums.last_ordered_at
from sums
inner join buyers on sums.product_id = buyers.product_id
