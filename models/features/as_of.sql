with orders as (
    select * from {{ ref('shop_orders') }}
)

select
    coalesce({{ as_of_setting() }}, max(cast(ordered_at as date)))
        as as_of_date
from orders
