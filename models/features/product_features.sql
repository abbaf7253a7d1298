{{ config(
    enabled=segmentation.has_segmentation('product'),
    materialized='table',
) }}

with product_sums as (
    select * from {{ ref('product_sums') }}
),

products as (
    select * from {{ ref('shop_products') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

described as (
    select
        sums.*,
        products.name,
        products.brand,
        products.category,
        products.department,
        products.retail_price,
        cast(sums.asked as double) / nullif(
            cast(sums.items * products.retail_price as double), 0
        ) as price_to_catalogue,
        {{ days_between('sums.last_ordered_at', 'as_of.as_of_date') }}
            as days_since_last_sale
    from product_sums as sums
    cross join as_of
    left join products on sums.product_id = products.product_id
)

select
    product_id,
    {{ or_missing('name') }} as product_name,
    {{ or_missing('brand') }} as brand,
    {{ or_missing('category') }} as category,
    {{ or_missing('department') }} as department,
    cast(retail_price as decimal(18, 2)) as catalogue_price,
    {{ divide_money('asked', 'items') }} as average_price,
    price_to_catalogue,
    case
        when price_to_catalogue > 1 then 0.0e0
        else 1 - price_to_catalogue
    end as discount_share,
    cast(items as bigint) as items,
    cast(units as bigint) as units,
    cast(orders as bigint) as orders,
    cast(revenue as decimal(18, 2)) as revenue,
    cast(margin as decimal(18, 2)) as margin,
    cast(markup as double) / nullif(cast(asked_at_known_cost as double), 0)
        as margin_rate,
    {{ share_of('returned_items', 'delivered_items') }} as return_rate,
    {{ share_of('cancelled_items', 'items') }} as cancellation_rate,
    cast(distinct_buyers as bigint) as distinct_buyers,
    {{ share_of('repeat_buyers', 'distinct_buyers') }} as repeat_share,
    days_since_last_sale,
    cast(units_without_cost as bigint) as units_without_cost
from described
