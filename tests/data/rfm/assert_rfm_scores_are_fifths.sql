-- Counts pair by pair, not by the window functions under test: a score is one
-- more than the whole fifths of customers with a lower total.
with

spends as (

    select
        total_spend,
        monetary_score,
        count(*) as customers
    from {{ ref('customer_rfm') }}
    group by total_spend, monetary_score

),

population as (

    select sum(customers) as customers
    from spends

),

counted as (

    select
        spends.total_spend,
        spends.monetary_score,
        coalesce(sum(lower_spends.customers), 0) as customers_before
    from spends
    left join spends as lower_spends
        on spends.total_spend > lower_spends.total_spend
    group by spends.total_spend, spends.monetary_score

)

select
    counted.total_spend,
    counted.monetary_score,
    counted.customers_before,
    population.customers
from counted
cross join population
where
    5 * counted.customers_before
    < (counted.monetary_score - 1) * population.customers
    or 5 * counted.customers_before
    >= counted.monetary_score * population.customers
