with raw_products as (
    select * from {{ ref('raw_products') }}
)

select
    {{ to_integer('id') }} as product_id,
    {{ to_money('cost', 4) }} as cost,
    {{ clean_text('category') }} as category,
    {{ clean_text('name') }} as name,
    {{ clean_text('brand') }} as brand,
    {{ to_money('retail_price') }} as retail_price,
    {{ clean_text('department') }} as department
from raw_products
