{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
) }}
{%- set customers = segmentation.segmentations()
    | selectattr('name', 'equalto', 'customer') | list %}
{%- set bound = segmentation.recipe_settings(customers[0]).max_selection_rows
    if customers else 0 %}

with orders as (
    select * from {{ ref('orders_counted') }}
),

as_of as (
    select * from {{ ref('as_of') }}
)

select
    orders.customer_id,
    as_of.past_date as as_of_date
from orders
inner join as_of on cast(orders.ordered_at as date) <= as_of.past_date
group by orders.customer_id, as_of.past_date
order by md5(cast(orders.customer_id as string)), orders.customer_id
limit {{ bound }}
