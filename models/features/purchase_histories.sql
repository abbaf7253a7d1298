{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
) }}

with orders as (
    select * from {{ ref('orders_as_of') }}
),

order_items as (
    select * from {{ ref('order_items_as_of') }}
),

-- An item has the day and the customer of its order.
events as (
    select
        as_of_date,
        days_back,
        customer_id,
        ordered_at,
        0 as spend
    from orders
    union all
    select
        as_of_date,
        days_back,
        customer_id,
        ordered_at,
        sale_price as spend
    from order_items
    where is_kept
),

order_days as (
    select
        days_back,
        customer_id,
        {{ days_between('ordered_at', 'as_of_date') }} as age_days,
        sum(spend) as spend
    from events
    where {{ segmentation.setting('extras') }}
    group by days_back, customer_id, age_days
),

-- The later half of the history is what the earlier half is judged by: an order
-- day is of the earlier half if it lies at least half_days back.
spans as (
    select
        days_back,
        max(age_days) as history_days,
        cast(floor(max(age_days) / 2.0e0) as bigint) as half_days
    from order_days
    group by days_back
),

halved as (
    select
        order_days.*,
        spans.history_days,
        spans.half_days,
        order_days.age_days >= spans.half_days as is_early
    from order_days
    inner join spans on order_days.days_back = spans.days_back
),

sums as (
    select
        days_back,
        customer_id,
        history_days,
        half_days,
        count(*) as order_days,
        max(age_days) as age_days,
        max(age_days) - min(age_days) as recency_days,
        count_if(spend > 0) as paid_days,
        sum(spend) as spend,
        count_if(is_early) as early_order_days,
        max(age_days) - min(age_days) filter (where is_early)
            as early_recency_days,
        count_if(is_early and spend > 0) as early_paid_days,
        coalesce(sum(spend) filter (where is_early), 0) as early_spend
    from halved
    group by days_back, customer_id, history_days, half_days
)

select
    days_back,
    customer_id,
    cast(order_days - 1 as bigint) as repeats,
    recency_days,
    age_days,
    cast(paid_days as bigint) as paid_days,
    cast(spend as double) as spend,
    cast(nullif(early_order_days, 0) - 1 as bigint) as early_repeats,
    early_recency_days,
    case when early_order_days > 0 then age_days - half_days end
        as early_age_days,
    cast(early_paid_days as bigint) as early_paid_days,
    cast(early_spend as double) as early_spend,
    cast(order_days - early_order_days as bigint) as late_orders,
    cast(spend - early_spend as double) as late_spend,
    history_days
from sums
