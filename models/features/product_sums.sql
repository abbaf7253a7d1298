{{ config(enabled=segmentation.has_segmentation('product')) }}

with order_items as (
    select * from {{ ref('order_items_counted') }}
    where product_id is not null
),

-- Summing in three steps (order, buyer, product) counts orders and buyers
-- without a distinct count.
product_orders as (
    select
        product_id,
        order_id,
        customer_id,
        ordered_at,
        count(*) as items,
        count_if(is_kept) as units,
        count_if(is_kept and cost is null) as units_without_cost,
        count_if(is_cancelled) as cancelled_items,
        count_if(is_returned) as returned_items,
        sum(sale_price) as asked,
        coalesce(sum(sale_price) filter (where is_kept), 0) as revenue,
        coalesce(sum(sale_price - cost) filter (where is_kept), 0) as margin,
        sum(sale_price) filter (where cost is not null) as asked_at_known_cost,
        sum(sale_price - cost) as markup
    from order_items
    group by product_id, order_id, customer_id, ordered_at
),

product_buyers as (
    select
        product_id,
        customer_id,
        count(*) as orders,
        sum(items) as items,
        sum(units) as units,
        sum(units_without_cost) as units_without_cost,
        sum(cancelled_items) as cancelled_items,
        sum(returned_items) as returned_items,
        sum(asked) as asked,
        sum(revenue) as revenue,
        sum(margin) as margin,
        sum(asked_at_known_cost) as asked_at_known_cost,
        sum(markup) as markup,
        max(ordered_at) as last_ordered_at
    from product_orders
    group by product_id, customer_id
)

select
    product_id,
    sum(orders) as orders,
    count(*) as distinct_buyers,
    count_if(orders > 1) as repeat_buyers,
    sum(items) as items,
    sum(units) as units,
    sum(units_without_cost) as units_without_cost,
    sum(cancelled_items) as cancelled_items,
    sum(returned_items) as returned_items,
    sum(asked) as asked,
    sum(revenue) as revenue,
    sum(margin) as margin,
    sum(asked_at_known_cost) as asked_at_known_cost,
    sum(markup) as markup,
    max(last_ordered_at) as last_ordered_at
from product_buyers
group by product_id
