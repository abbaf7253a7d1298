-- noqa: disable=ST03
{{ config(materialized='table') }}

-- Read by the macros to_money and to_utc_timestamp.
with formats as (
    select
        column_name,
        value_format
    from {{ ref('thelook_columns_given') }}
    where table_name = 'products'
),

products as (
    select
        {{ to_integer('id') }} as product_id,
        {{ to_money('cost', 4) }} as cost,
        {{ clean_text('category') }} as category,
        {{ clean_text('name') }} as name,
        {{ clean_text('brand') }} as brand,
        {{ to_money('retail_price') }} as retail_price,
        {{ clean_text('department') }} as department
    from {{ ref('raw_products') }}
),

{{ rank_repeated_rows(
    'products',
    key='product_id',
    columns=[
        'product_id', 'cost', 'category', 'name', 'brand', 'retail_price',
        'department',
    ],
    best_first='case when cost is null then 1 else 0 end',
) }}

select
    product_id,
    cost,
    category,
    name,
    brand,
    retail_price,
    department,
    case
        when product_id is null then 'no key'
        when copy_number > 1 then 'exact duplicate'
        when version_number > 1 then 'conflicting duplicate'
        else 'kept'
    end as fate
from ranked_rows
