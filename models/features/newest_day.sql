{% set as_of = segmentation.setting('as_of') %}
{{ config(
    enabled=segmentation.has_shop(),
    materialized='table',
    post_hook="{{ segmentation.say('warning') }}",
) }}

with orders as (
    select * from {{ ref('shop_orders') }}
),

days as (
    select
        cast(ordered_at as date) as order_date,
        count(*) as orders
    from orders
    group by order_date
),

bounds as (
    select
        min(order_date) as first_date,
        max(order_date) as newest_date,
        coalesce(sum(orders), 0) as orders
    from days
),

placed as (
    select
        days.order_date,
        days.orders,
        bounds.newest_date,
        {{ days_between('bounds.first_date', 'days.order_date') }} + 1
            as day_number,
        {{ days_between('days.order_date', 'bounds.newest_date') }}
            as days_after,
        bounds.orders as all_orders
    from days
    cross join bounds
),

counted as (
    select
        *,
        sum(orders) over (order by day_number) as orders_so_far,
        all_orders - sum(orders) over (order by day_number) as orders_after,
        sum(orders) over (
            order by day_number range between 55 preceding and current row
        ) / least(day_number, 56.0e0) as rate,
        sum(orders) over (
            order by day_number range between 6 preceding and current row
        ) as orders_of_week,
        sum(orders) over (
            order by day_number range between 13 preceding and current row
        ) as orders_before,
        coalesce(sum(orders) over (
            order by day_number range between 1 following and 14 following
        ), 0) as orders_next
    from placed
),

-- A day after which orders are suddenly few, and stay so: under 30 % of the
-- usual number, where fifteen or more would be usual, and under a tenth of all.
candidates as (
    select *
    from counted
    where
        days_after >= 7
        and rate * days_after >= 15
        and orders_after <= 0.3e0 * rate * days_after
        and orders_next * 3 <= orders_before
        and orders_after <= 0.1e0 * all_orders
),

-- A shop that rests and opens again has a week with 40 % of the usual.
lasting as (
    select candidates.*
    from candidates
    where not exists (
        select 1 from counted as later
        where
            later.day_number > candidates.day_number
            and least(
                later.orders_of_week,
                later.orders_so_far - candidates.orders_so_far
            ) >= greatest(3, 0.4e0 * 7 * candidates.rate)
    )
),

first_lasting as (
    select
        min(day_number) as day_number,
        min(orders_so_far - rate * 56) as orders_before
    from lasting
),

-- Where one usual rate and one small one explain the days best.
weighed as (
    select
        lasting.*,
        lasting.orders_so_far - first_lasting.orders_before as orders_of_usual,
        lasting.day_number - first_lasting.day_number + 56 as usual_days
    from lasting
    cross join first_lasting
),

last_usual as (
    select
        order_date,
        orders_after
    from weighed
    qualify row_number() over (
        order by
            orders_of_usual * ln(orders_of_usual / usual_days)
            + orders_after * ln(orders_after / (1.0e0 * days_after)) desc,
            order_date desc
    ) = 1
)

select
    bounds.newest_date,
    coalesce(last_usual.order_date, bounds.newest_date) as newest_day,
    coalesce(last_usual.orders_after, 0) as orders_after,
    -- Whoever says the day need not be told of the others.
    case
        when
            last_usual.order_date is not null
            and {{ 'false' if as_of else 'true' }}
            then concat(
                cast(last_usual.orders_after as string),
                case
                    when last_usual.orders_after = 1 then ' order lies'
                    else ' orders lie'
                end,
                ' after ', cast(last_usual.order_date as string),
                ', the last day with a usual number of orders, up to ',
                cast(bounds.newest_date as string),
                ': planned or mistyped, they are not counted. Correct them, or',
                ' say the day with --vars ''{as_of: ',
                cast(last_usual.order_date as string), '}''.'
            )
    end as warning
from bounds
left join last_usual on 1 = 1
