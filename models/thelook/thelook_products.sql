with products as (
    select * from {{ ref('thelook_products_checked') }}
    where fate = 'kept'
),

inventory_items as (
    select * from {{ ref('thelook_inventory_items_checked') }}
    where fate = 'kept' and product_id is not null
),

sold_products as (
    select distinct product_id from {{ ref('thelook_order_items') }}
    where product_id is not null
),

stocked_products as (
    select inventory_items.*
    from inventory_items
    left join products on inventory_items.product_id = products.product_id
    where products.product_id is null
    qualify row_number() over (
        partition by inventory_items.product_id
        order by inventory_items.inventory_item_id desc
    ) = 1
),

described as (
    select
        product_id,
        name,
        brand,
        category,
        department,
        retail_price,
        cost
    from products
    union all
    select
        product_id,
        name,
        brand,
        category,
        department,
        retail_price,
        cost
    from stocked_products
)

select
    coalesce(described.product_id, sold_products.product_id) as product_id,
    described.name,
    described.brand,
    described.category,
    described.department,
    {{ plausible_money('described.retail_price') }} as retail_price,
    {{ plausible_money('described.cost') }} as cost
from described
full join sold_products on described.product_id = sold_products.product_id
