-- A table, because the fit and every customer's vector read it.
{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
) }}
{% set measure = segmentation.basket_settings()['measure'] %}
with order_items_counted as (

    select * from {{ ref('order_items_counted') }}

),

amounts as (

    select
        customer_id,
        category,
        {{ 'count(*)' if measure == 'items' else 'sum(sale_price)' }} as amount
    from order_items_counted
    where category is not null
    group by customer_id, category

)

select
    customer_id,
    category,
    cast(amount as double)
    / cast(sum(amount) over (partition by customer_id) as double) as share
from amounts
where amount > 0
