-- noqa: disable=ST03
{{ config(materialized='table') }}
{% set is_typed = segmentation.is_typed('inventory_items') %}

-- Read by the macros to_money and to_utc_timestamp.
with formats as (
    select
        column_name,
        value_format
    from {{ ref('thelook_columns_given') }}
    where table_name = 'inventory_items'
),

inventory_items as {% if is_typed %}not materialized {% endif %}(
    select
        {{ to_integer('id') }} as inventory_item_id,
        {{ to_integer('product_id') }} as product_id,
        {{ to_money('cost', 4) }} as cost,
        {{ clean_text('product_category') }} as category,
        {{ clean_text('product_name') }} as name,
        {{ clean_text('product_brand') }} as brand,
        {{ to_money('product_retail_price') }} as retail_price,
        {{ clean_text('product_department') }} as department
    from {{ ref('raw_inventory_items') }}
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
