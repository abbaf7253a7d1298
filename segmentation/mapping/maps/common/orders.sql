-- One row per order. Fills shop_orders.
select
    order_id,
    customer_id,
    min(ordered_at) as ordered_at,
    min(status) as status
from {{ ref('${name}_checked') }}
where fate = 'kept'
group by order_id, customer_id
