-- noqa: disable=LT02
-- Counts by score, not by the window functions under test: a score is one more
-- than the whole fifths of customers with a lower total. Where scores ascend
-- with the totals, it is enough to look at the lowest and highest of each.
with

rfm as (

    select * from {{ ref('customer_rfm') }}

),

population as (

    select count(*) as customers
    from rfm

),

scores as (

    select
        monetary_score,
        min(total_spend) as lowest_spend,
        max(total_spend) as highest_spend,
        count(*) as customers
    from rfm
    group by monetary_score

),

at_highest as (

    select
        rfm.monetary_score,
        count(*) as customers
    from rfm
    inner join scores
        on rfm.monetary_score = scores.monetary_score
        and rfm.total_spend = scores.highest_spend
    group by rfm.monetary_score

),

counted as (

    select
        scores.monetary_score,
        scores.customers,
        coalesce(sum(lower_scores.customers), 0) as customers_before,
        coalesce(
            max(lower_scores.highest_spend) >= scores.lowest_spend, false
        ) as is_out_of_order
    from scores
    left join scores as lower_scores
        on scores.monetary_score > lower_scores.monetary_score
    group by scores.monetary_score, scores.customers, scores.lowest_spend

)

select
    counted.monetary_score,
    counted.customers_before,
    population.customers
from counted
inner join at_highest
    on counted.monetary_score = at_highest.monetary_score
cross join population
where
    counted.is_out_of_order
    or 5 * counted.customers_before
    < (counted.monetary_score - 1) * population.customers
    or 5 * (
        counted.customers_before + counted.customers - at_highest.customers
    ) >= counted.monetary_score * population.customers
