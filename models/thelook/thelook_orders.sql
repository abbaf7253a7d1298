{#- No order before it is known that every needed column can be read. #}
{%- if not execute %}{% set judged = ref('thelook_values_counted') %}{% endif %}

with orders as (
    select * from {{ ref('thelook_orders_checked') }}
    where fate = 'kept'
)

select
    order_id,
    user_id as customer_id,
    status,
    created_at as ordered_at
from orders
