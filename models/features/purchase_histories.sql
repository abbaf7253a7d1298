{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
) }}

with orders as (
    select * from {{ ref('orders_counted') }}
),

order_items as (
    select * from {{ ref('order_items_counted') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

kept_by_order as (
    select
        order_id,
        sum(sale_price) as spend
    from order_items
    where is_kept
    group by order_id
),

order_days as (
    select
        orders.customer_id,
        cast(orders.ordered_at as date) as order_date,
        coalesce(sum(kept_by_order.spend), 0) as spend
    from orders
    left join kept_by_order on orders.order_id = kept_by_order.order_id
    {%- if not segmentation.setting('extras') %}
    where false
    {%- endif %}
    group by orders.customer_id, order_date
),

first_days as (
    select min(order_date) as first_day
    from order_days
),

-- The later half of the history is what the earlier half is judged by.
dates as (
    select
        as_of.as_of_date,
        {{ days_between('first_days.first_day', 'as_of.as_of_date') }}
            as history_days,
        cast({{ dbt.dateadd(
            'day',
            '-cast(floor(' ~ days_between(
                'first_days.first_day', 'as_of.as_of_date'
            ) ~ ' / 2.0e0) as int)',
            'as_of.as_of_date',
        ) }} as date) as half_date
    from as_of
    cross join first_days
),

sums as (
    select
        order_days.customer_id,
        dates.as_of_date,
        dates.half_date,
        dates.history_days,
        min(order_days.order_date) as first_date,
        max(order_days.order_date) as last_date,
        count(*) as order_days,
        count_if(order_days.spend > 0) as paid,
        sum(order_days.spend) as spend,
        max(order_days.order_date)
            filter (where order_days.order_date <= dates.half_date)
            as early_last_date,
        count_if(order_days.order_date <= dates.half_date) as early_order_days,
        count_if(
            order_days.order_date <= dates.half_date and order_days.spend > 0
        ) as early_paid,
        sum(order_days.spend)
            filter (where order_days.order_date <= dates.half_date)
            as early_spend
    from order_days
    cross join dates
    group by
        order_days.customer_id,
        dates.as_of_date,
        dates.half_date,
        dates.history_days
)

select
    customer_id,
    cast(order_days - 1 as bigint) as repeats,
    {{ days_between('first_date', 'last_date') }} as recency,
    {{ days_between('first_date', 'as_of_date') }} as age,
    cast(paid as bigint) as paid,
    cast(spend as double) as spend,
    case when early_order_days > 0 then cast(early_order_days - 1 as bigint) end
        as early_repeats,
    {{ days_between('first_date', 'early_last_date') }} as early_recency,
    case
        when early_order_days > 0
            then {{ days_between('first_date', 'half_date') }}
    end as early_age,
    cast(early_paid as bigint) as early_paid,
    cast(early_spend as double) as early_spend,
    cast(order_days - early_order_days as bigint) as late_orders,
    cast(spend - coalesce(early_spend, 0) as double) as late_spend,
    history_days
from sums
