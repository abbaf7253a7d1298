-- One row per product, named as in the newest line. Fills shop_products.
select
    product_id,
    product_name as name,
    brand,
    category
from {{ ref('${name}_checked') }}
where fate = 'kept' and product_id is not null
qualify row_number() over (
    partition by product_id
    order by product_name is null, ordered_at desc, product_name, order_item_id
) = 1
