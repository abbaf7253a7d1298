{{ config(pre_hook="{{
    refuse_unreadable_columns(ref('thelook_values_counted'))
}}") }}

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
