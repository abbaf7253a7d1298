with raw_inventory_items as (
    select * from {{ ref('raw_inventory_items') }}
)

select
    {{ to_integer('id') }} as inventory_item_id,
    {{ to_integer('product_id') }} as product_id,
    {{ to_money('cost', 4) }} as cost,
    {{ clean_text('product_category') }} as category,
    {{ clean_text('product_name') }} as name,
    {{ clean_text('product_brand') }} as brand,
    {{ to_money('product_retail_price') }} as retail_price,
    {{ clean_text('product_department') }} as department
from raw_inventory_items
