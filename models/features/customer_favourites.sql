{{ config(enabled=segmentation.has_segmentation('customer')) }}

with order_items as (
    select * from {{ ref('order_items_counted') }}
),

-- Counting per value first leaves one row per pair, so the number of distinct
-- values is a plain count of the same rows.
brands_counted as (
    select
        customer_id,
        brand,
        count(*) as items,
        sum(sale_price) as spend
    from order_items
    where brand is not null
    group by customer_id, brand
),

categories_counted as (
    select
        customer_id,
        category,
        count(*) as items,
        sum(sale_price) as spend
    from order_items
    where category is not null
    group by customer_id, category
),

-- The least of these is the favourite. Text compares by byte on DuckDB
-- (default_collation unset) and on Spark (UTF8_BINARY), so that the last
-- tie-break does not depend on a locale.
brands as (
    select
        customer_id,
        min({{ struct_of([
            ['items', '-items'], ['spend', '-spend'], ['name', 'brand'],
        ]) }}).name as brand,
        count(*) as distinct_brands
    from brands_counted
    group by customer_id
),

categories as (
    select
        customer_id,
        min({{ struct_of([
            ['items', '-items'], ['spend', '-spend'], ['name', 'category'],
        ]) }}).name as category,
        count(*) as distinct_categories
    from categories_counted
    group by customer_id
)

select
    coalesce(brands.customer_id, categories.customer_id) as customer_id,
    brands.brand as most_frequent_brand,
    categories.category as most_frequent_category,
    coalesce(brands.distinct_brands, 0) as distinct_brands,
    coalesce(categories.distinct_categories, 0) as distinct_categories
from brands
full join categories on brands.customer_id = categories.customer_id
