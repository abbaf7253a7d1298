{{ config(enabled=segmentation.has_shop()) }}

with orders as (
    {{ contract_rows(
        'shop_orders', ref(segmentation.setting('shop_orders')), model.columns
    ) }}
)

select
    order_id,
    customer_id,
    status,
    ordered_at,
    delivered_at,
    returned_at,
    currency
from orders
