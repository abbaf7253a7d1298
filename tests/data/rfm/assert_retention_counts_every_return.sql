-- Counts anew from the shop's orders, past every intermediate model, with dates
-- added instead of subtracted.
with

orders as (

    select distinct
        shop_orders.customer_id,
        cast(shop_orders.ordered_at as date) as order_date,
        as_of.as_of_date
    from {{ ref('shop_orders') }} as shop_orders
    cross join {{ ref('as_of') }} as as_of
    where
        cast(shop_orders.ordered_at as date) <= as_of.as_of_date
        and shop_orders.order_id not in (
            select notes.order_id from {{ ref('credit_notes') }} as notes
            where notes.is_no_order and notes.order_id is not null
        )

),

firsts as (

    select
        customer_id,
        as_of_date,
        min(order_date) as first_date
    from orders
    group by customer_id, as_of_date

),

windows as (

    select distinct window_days
    from {{ ref('segment_retention') }}

),

closed as (

    select
        segments.segment_id,
        windows.window_days,
        firsts.customer_id,
        firsts.first_date,
        {{ dbt.dateadd('day', 'windows.window_days', 'firsts.first_date') }}
            as last_date,
        firsts.as_of_date
    from firsts
    inner join {{ ref('customer_segments') }} as segments
        on firsts.customer_id = segments.customer_id
    cross join windows

),

expected as (

    select
        closed.segment_id,
        closed.window_days,
        count(distinct closed.customer_id) as customers_returned
    from closed
    inner join orders
        on
            closed.customer_id = orders.customer_id
            and closed.first_date < orders.order_date
            and closed.last_date >= orders.order_date
    where closed.last_date <= closed.as_of_date
    group by closed.segment_id, closed.window_days

),

found as (

    select
        segment_id,
        window_days,
        sum(customers_returned) as customers_returned
    from {{ ref('segment_retention') }}
    group by segment_id, window_days

)

select
    found.segment_id,
    found.window_days,
    found.customers_returned,
    expected.customers_returned as expected_returned
from found
full outer join expected
    on
        found.segment_id = expected.segment_id
        and found.window_days = expected.window_days
where
    coalesce(found.customers_returned, 0)
    is distinct from coalesce(expected.customers_returned, 0)
