{{ config(enabled=segmentation.has_shop()) }}

with orders as (
    select * from {{ ref('orders_counted') }}
),

as_of as (
    select * from {{ ref('as_of') }}
)
{%- if segmentation.has_segmentation('customer') %},

past_customers as (
    select * from {{ ref('past_customers') }}
)
{%- endif %}

select
    as_of.as_of_date,
    cast(0 as bigint) as days_back,
    orders.order_id,
    orders.customer_id,
    orders.ordered_at,
    orders.delivered_at,
    orders.returned_at
from orders
cross join as_of
{%- if segmentation.has_segmentation('customer') %}
union all
select
    past_customers.as_of_date,
    cast({{ segmentation.setting('horizon_days') }} as bigint) as days_back,
    orders.order_id,
    orders.customer_id,
    orders.ordered_at,
    orders.delivered_at,
    orders.returned_at
from orders
inner join past_customers
    on
        orders.customer_id = past_customers.customer_id
        and cast(orders.ordered_at as date) <= past_customers.as_of_date
{%- endif %}
