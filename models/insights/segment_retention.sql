{{ config(enabled=segmentation.has_segmentation('customer')) }}

with customer_segments as (

    select * from {{ ref('customer_segments') }}

),

customer_features as (

    select * from {{ ref('customer_features') }}

),

orders_counted as (

    select * from {{ ref('orders_counted') }}

),

windows as (

    {% for days in [30, 90, 180] %}
        select cast({{ days }} as bigint) as window_days
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

firsts as (

    select
        customer_id,
        cast(first_order_at as date) as first_order_on,
        days_since_first_order
    from customer_features

),

-- Another order on the first day is the same visit, not a return.
returns as (

    select
        firsts.customer_id,
        min(
            {{ days_between('firsts.first_order_on', 'orders.ordered_at') }}
        ) as days_to_return
    from firsts
    inner join orders_counted as orders
        on
            firsts.customer_id = orders.customer_id
            and firsts.first_order_on < cast(orders.ordered_at as date)
    group by firsts.customer_id

),

-- A window still open at the as-of date says nothing yet: neither the customer
-- nor a return that already happened in it counts.
cohorts as (

    select
        segments.segment_id,
        segments.segment_name,
        cast({{ dbt.date_trunc('month', 'firsts.first_order_on') }} as date)
            as first_order_month,
        windows.window_days,
        count(*) as customers,
        count_if(firsts.days_since_first_order >= windows.window_days)
            as customers_observable,
        count_if(
            firsts.days_since_first_order >= windows.window_days
            and coalesce(returns.days_to_return, windows.window_days + 1)
            <= windows.window_days
        ) as customers_returned
    from customer_segments as segments
    inner join firsts on segments.customer_id = firsts.customer_id
    left join returns on segments.customer_id = returns.customer_id
    cross join windows
    group by
        segments.segment_id,
        segments.segment_name,
        first_order_month,
        windows.window_days

)

select
    segment_id,
    segment_name,
    first_order_month,
    window_days,
    cast(customers as bigint) as customers,
    cast(customers_observable as bigint) as customers_observable,
    cast(customers_returned as bigint) as customers_returned,
    cast(customers_returned as double) / nullif(customers_observable, 0)
        as retention_rate,
    {{ segmentation.wilson_bound(
        'customers_returned', 'customers_observable', '-'
    ) }} as retention_low,
    {{ segmentation.wilson_bound(
        'customers_returned', 'customers_observable', '+'
    ) }} as retention_high
from cohorts
