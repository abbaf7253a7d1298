{{ config(materialized='table') }}

with inventory_items as (
    select * from {{ ref('stg_thelook__inventory_items') }}
),

{{ rank_repeated_rows(
    'inventory_items',
    key='inventory_item_id',
    columns=[
        'inventory_item_id', 'product_id', 'cost', 'category', 'name',
        'brand', 'retail_price', 'department',
    ],
    best_first='case when cost is null then 1 else 0 end',
) }}

select
    inventory_item_id,
    product_id,
    cost,
    category,
    name,
    brand,
    retail_price,
    department,
    case
        when inventory_item_id is null then 'no key'
        when copy_number > 1 then 'exact duplicate'
        when version_number > 1 then 'conflicting duplicate'
        else 'kept'
    end as fate
from ranked_rows
