{{ config(enabled=segmentation.has_shop()) }}

{%- set as_of = segmentation.setting('as_of') %}

with orders as (
    select * from {{ ref('shop_orders') }}
)

select
    coalesce(
        cast({{ "'" ~ as_of ~ "'" if as_of else 'null' }} as date),
        max(cast(ordered_at as date))
    ) as as_of_date
from orders
