-- What a customer bought on a day is one order.
select distinct
    order_id,
    customer_id,
    ordered_at
from {{ ref('cdnow_order_items') }}
