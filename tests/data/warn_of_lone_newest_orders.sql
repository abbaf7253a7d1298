-- A slip of the pen in a date moves the day that all days are counted up to.
{{ config(severity="warn") }}

select
    order_id,
    order_date
from {{ ref('int_lone_orders') }}
