{{ config(enabled=segmentation.has_shop()) }}

{%- set customers_counted = segmentation.setting('customers_counted') %}

with orders as (
    select * from {{ ref('shop_orders') }}
),

as_of as (
    select * from {{ ref('as_of') }}
)

select
    orders.order_id,
    orders.customer_id,
    orders.status,
    orders.ordered_at,
    orders.delivered_at,
    orders.returned_at
from orders
cross join as_of
{%- if customers_counted %}
inner join {{ ref(customers_counted) }} as customers
    on orders.customer_id = customers.customer_id
{%- endif %}
where cast(orders.ordered_at as date) <= as_of.as_of_date
