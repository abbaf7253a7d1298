with raw_order_items as (
    select * from {{ ref('raw_order_items') }}
)

select
    {{ to_integer('id') }} as order_item_id,
    {{ to_integer('order_id') }} as order_id,
    {{ to_integer('product_id') }} as product_id,
    {{ to_integer('inventory_item_id') }} as inventory_item_id,
    {{ clean_text('status') }} as status,
    {{ to_utc_timestamp('created_at') }} as created_at,
    {{ to_utc_timestamp('shipped_at') }} as shipped_at,
    {{ to_money('sale_price') }} as sale_price
from raw_order_items
