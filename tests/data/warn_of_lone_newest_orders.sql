-- A slip of the pen in a date moves the day that all days are counted up to.
{{ config(severity="warn") }}

with orders as (
    select * from {{ ref('orders_counted') }}
)

select * from ({{ lone_orders('orders') }}) as lone_orders
