-- Nothing is lost: each product of the shop stands in exactly one of the two.
with

placed as (

    select product_id from {{ ref('product_segments') }}
    union all
    select product_id from {{ ref('product_exclusions') }}

),

placed_once as (

    select
        product_id,
        count(*) as places
    from placed
    group by product_id

)

select
    products.product_id,
    placed_once.product_id as placed_product_id,
    placed_once.places
from {{ ref('shop_products') }} as products
full outer join placed_once on products.product_id = placed_once.product_id
where
    products.product_id is null
    or placed_once.places is distinct from 1
