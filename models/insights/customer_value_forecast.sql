{{ config(enabled=segmentation.has_segmentation('customer')) }}

{#- The arithmetic of segmentation/value/forecast.py, which is its oracle. -#}
{% set horizon = segmentation.setting('horizon_days') %}
with histories as (

    select * from {{ ref('purchase_histories') }}
    where days_back = 0

),

fitted as (

    select * from {{ ref('fit_purchases') }}

),

parameters as (

    select
        {%- for parameter in [
            'r', 'alpha', 'a', 'b', 'p', 'q', 'gamma', 'kept_share',
            'mean_value', 'order_level', 'value_level',
        ] %}
        max(case when parameter = '{{ parameter }}' then value end)
            as {{ parameter }}{{ ',' if not loop.last }}
        {%- endfor %}
    from fitted

),

nodes as (

    select
        repeats,
        node,
        leaves,
        weight
    from fitted
    where node is not null

),

-- Far fewer than customers.
paces as (

    select distinct
        repeats,
        age_days
    from histories

),

-- Orders of a customer who has not left: by Gauss-Jacobi quadrature, in the
-- order of the nodes.
{% set orders_of_node -%}
    nodes.weight / nodes.leaves * (1 - exp(
                -(parameters.r + paces.repeats) * ln(
                    1 + nodes.leaves * {{ horizon }}
                    / (parameters.alpha + paces.age_days)
                )
            ))
{%- endset %}
orders_ahead as (

    select
        paces.repeats,
        paces.age_days,
        list_sum(list({{ orders_of_node }} order by nodes.node))
            as orders_ahead
    from paces
    inner join nodes on paces.repeats = nodes.repeats
    cross join parameters
    group by paces.repeats, paces.age_days

),

-- Two order days of the shop's average stand behind each customer's own.
known as (

    select
        histories.customer_id,
        parameters.order_level * orders_ahead.orders_ahead as orders_ahead,
        case when parameters.r is not null then 1 / (1 + exp(least(
            ln(parameters.a) - ln(parameters.b + histories.repeats)
            + (parameters.r + histories.repeats) * (
                ln(parameters.alpha + histories.age_days)
                - ln(parameters.alpha + histories.recency_days)
            ),
            700.0e0
        ))) end as probability_active,
        parameters.value_level
        * (histories.paid_days + 2 * parameters.kept_share)
        / (histories.repeats + 3)
        * case
            when histories.paid_days = 0 then parameters.mean_value
            when parameters.p * histories.paid_days + parameters.q > 1
                then
                    parameters.p * (parameters.gamma + histories.spend)
                    / (parameters.p * histories.paid_days + parameters.q - 1)
            else histories.spend / histories.paid_days
        end as expected_order_value
    from histories
    cross join parameters
    left join orders_ahead
        on
            histories.repeats = orders_ahead.repeats
            and histories.age_days = orders_ahead.age_days

)

select
    customer_id,
    cast({{ horizon }} as bigint) as horizon_days,
    probability_active,
    orders_ahead * probability_active as expected_orders,
    cast(expected_order_value as decimal(18, 2)) as expected_order_value,
    cast(
        orders_ahead * probability_active * expected_order_value
        as decimal(18, 2)
    ) as expected_value,
    cast(
        orders_ahead * (1 - probability_active) * expected_order_value
        as decimal(18, 2)
    ) as value_at_risk
from known
