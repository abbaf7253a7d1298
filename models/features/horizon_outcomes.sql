{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
) }}

with past_customers as (
    select * from {{ ref('past_customers') }}
),

order_items as (
    select * from {{ ref('order_items_counted') }}
    where is_kept
),

later_orders as (
    select
        past_customers.customer_id,
        order_items.order_id,
        sum(order_items.sale_price) as spend
    from past_customers
    inner join order_items
        on
            past_customers.customer_id = order_items.customer_id
            and past_customers.as_of_date < cast(order_items.ordered_at as date)
    group by past_customers.customer_id, order_items.order_id
)

select
    past_customers.customer_id,
    past_customers.as_of_date,
    cast(count(later_orders.order_id) as bigint) as later_orders,
    cast(coalesce(sum(later_orders.spend), 0) as decimal(18, 2)) as later_spend
from past_customers
left join later_orders
    on past_customers.customer_id = later_orders.customer_id
group by past_customers.customer_id, past_customers.as_of_date
