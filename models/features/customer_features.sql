{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
) }}

with customer_sums as (
    select * from {{ ref('customer_sums') }}
),

favourites as (
    select * from {{ ref('customer_favourites') }}
),

customers as (
    select * from {{ ref('shop_customers') }}
),

as_of as (
    select * from {{ ref('as_of') }}
)

select
    sums.customer_id,
    customers.age,
    {{ or_missing('customers.gender') }} as gender,
    {{ or_missing('customers.country') }} as country,
    {{ or_missing('customers.traffic_source') }} as traffic_source,
    {{ or_missing('favourites.most_frequent_brand') }} as most_frequent_brand,
    {{ or_missing('favourites.most_frequent_category') }}
        as most_frequent_category,
    cast(sums.orders as bigint) as total_orders,
    cast(sums.items as bigint) as total_items,
    cast(sums.spend as decimal(18, 2)) as total_spend,
    cast(sums.margin as decimal(18, 2)) as total_margin,
    cast(sums.margin as decimal(18, 2)) as lifetime_value,
    {{ divide_money('sums.spend', 'sums.orders_with_kept_items') }}
        as average_order_value,
    {{ share_of('sums.returned_items', 'sums.items - sums.cancelled_items') }}
        as return_rate,
    {{ share_of('sums.cancelled_items', 'sums.items') }} as cancellation_rate,
    cast(coalesce(favourites.distinct_brands, 0) as bigint)
        as distinct_brands,
    cast(coalesce(favourites.distinct_categories, 0) as bigint)
        as distinct_categories,
    {{ days_between('sums.last_order_at', 'as_of.as_of_date') }}
        as days_since_last_order,
    {{ days_between('sums.first_order_at', 'as_of.as_of_date') }}
        as days_since_first_order,
    sums.first_order_at,
    sums.last_order_at,
    cast(sums.items_without_cost as bigint) as items_without_cost
from customer_sums as sums
cross join as_of
left join customers on sums.customer_id = customers.customer_id
left join favourites on sums.customer_id = favourites.customer_id
