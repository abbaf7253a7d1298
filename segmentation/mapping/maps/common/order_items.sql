-- One row per line that is kept, credit notes below 0. Fills shop_order_items.
select
    order_item_id,
    order_id,
    customer_id,
    product_id,
    status,
    is_cancelled,
    is_returned,
    is_delivered,
    ordered_at,
    quantity,
    sale_price,
    refunded_amount,
    currency,
    cost,
    brand,
    category
from {{ ref('${name}_checked') }}
where fate = 'kept'
