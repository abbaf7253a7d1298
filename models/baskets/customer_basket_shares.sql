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
        sum({{ 'pieces' if measure == 'items' else 'sale_price' }}) as amount
    from order_items_counted
    where category is not null
    group by customer_id, category

),

bought as (

    select * from amounts
    where amount > 0

),

totals as (

    select
        customer_id,
        sum(amount) as total
    from bought
    group by customer_id

)

select
    bought.customer_id,
    bought.category,
    cast(bought.amount as double) / cast(totals.total as double) as share
from bought
inner join totals on bought.customer_id = totals.customer_id
