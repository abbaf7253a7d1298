{{ config(enabled=segmentation.has_shop()) }}

{%- set customers_counted = segmentation.setting('customers_counted') %}

with orders as (
    select * from {{ ref('shop_orders') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

-- A number that holds credit notes alone.
no_orders as (
    select distinct order_id from {{ ref('credit_notes') }}
    where is_no_order
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
left join no_orders on orders.order_id = no_orders.order_id
{%- if customers_counted %}
inner join {{ ref(customers_counted) }} as customers
    on orders.customer_id = customers.customer_id
{%- endif %}
where
    cast(orders.ordered_at as date) <= as_of.as_of_date
    and no_orders.order_id is null
