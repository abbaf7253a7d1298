{{ config(enabled=segmentation.has_segmentation('customer')) }}

with customer_sums as (
    select * from {{ ref('customer_sums') }}
),

customers as (
    select * from {{ ref('shop_customers') }}
),

-- Counting per value first leaves one row per pair, so the number of distinct
-- values is a plain count of the same rows. Text compares by byte on DuckDB
-- (default_collation unset) and on Spark (UTF8_BINARY), so that the last
-- tie-break does not depend on a locale.
{% for column in ['brand', 'category'] %}
    {{ column }}_items as (
        select * from {{ ref('order_items_as_of') }}
        where {{ column }} is not null
    ),

    {{ column }}_counts as (
        select
            days_back,
            customer_id,
            {{ column }},
            sum(pieces) as items,
            sum(sale_price) as spend
        from {{ column }}_items
        group by days_back, customer_id, {{ column }}
    ),

    {{ column }}_ranks as (
        select
            days_back,
            customer_id,
            {{ column }} as favourite,
            count(*) over (partition by days_back, customer_id)
                as distinct_values
        from {{ column }}_counts
        qualify row_number() over (
            partition by days_back, customer_id
            order by items desc, spend desc, {{ column }} asc
        ) = 1
    ){{ ',' if not loop.last }}
{% endfor %}

select
    sums.as_of_date,
    sums.days_back,
    sums.customer_id,
    customers.age,
    {{ or_missing('customers.gender') }} as gender,
    {{ or_missing('customers.country') }} as country,
    {{ or_missing('customers.traffic_source') }} as traffic_source,
    {{ or_missing('brand_ranks.favourite') }} as most_frequent_brand,
    {{ or_missing('category_ranks.favourite') }} as most_frequent_category,
    cast(sums.orders as bigint) as total_orders,
    cast(sums.orders_with_kept_items as bigint) as kept_orders,
    cast(sums.items as bigint) as total_items,
    cast(sums.delivered_items as bigint) as delivered_items,
    cast(sums.returned_items as bigint) as returned_items,
    cast(sums.cancelled_items as bigint) as cancelled_items,
    cast(sums.spend as decimal(18, 2)) as total_spend,
    cast(sums.margin as decimal(18, 2)) as margin_to_date,
    {{ divide_money('sums.spend', 'sums.orders_with_kept_items') }}
        as average_order_value,
    {{ share_of('sums.returned_items', 'sums.delivered_items') }}
        as return_rate,
    {{ share_of('sums.cancelled_items', 'sums.items') }} as cancellation_rate,
    cast(coalesce(brand_ranks.distinct_values, 0) as bigint)
        as distinct_brands,
    cast(coalesce(category_ranks.distinct_values, 0) as bigint)
        as distinct_categories,
    {{ days_between('sums.last_order_at', 'sums.as_of_date') }}
        as days_since_last_order,
    {{ days_between('sums.first_order_at', 'sums.as_of_date') }}
        as days_since_first_order,
    sums.first_order_at,
    sums.last_order_at,
    cast(sums.items_without_cost as bigint) as items_without_cost
from customer_sums as sums
left join customers on sums.customer_id = customers.customer_id
left join brand_ranks
    on
        sums.days_back = brand_ranks.days_back
        and sums.customer_id = brand_ranks.customer_id
left join category_ranks
    on
        sums.days_back = category_ranks.days_back
        and sums.customer_id = category_ranks.customer_id
