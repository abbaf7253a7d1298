{#- What theLook's model holds is a table already. #}
{{ config(
    enabled=segmentation.has_shop(),
    materialized='view'
        if segmentation.setting('shop_order_items') == 'thelook_order_items'
        else 'table',
) }}

with order_items as (
    {{ contract_rows(
        'shop_order_items',
        ref(segmentation.setting('shop_order_items')),
        model.columns,
    ) }}
)

select
    order_item_id,
    order_id,
    customer_id,
    product_id,
    status,
    coalesce(is_cancelled, false) as is_cancelled,
    coalesce(is_returned, false) as is_returned,
    is_delivered,
    ordered_at,
    delivered_at,
    returned_at,
    quantity,
    sale_price,
    discount,
    refunded_amount,
    currency,
    cost,
    brand,
    category
from order_items
