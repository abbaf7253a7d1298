{{ config(enabled=segmentation.has_segmentation('customer')) }}
{% set counted = segmentation.setting('rfm_orders') %}

with customer_features as (

    select
        customer_id,
        days_since_last_order,
        {{ 'kept_orders' if counted == 'kept' else 'total_orders' }} as orders,
        total_spend
    from {{ ref('customer_features') }}

),

rfm_cells as (

    select * from {{ ref('rfm_cells') }}

),

total as (

    select count(*) as customers
    from customer_features

),

-- How many customers come before a value: only those with another value do, so
-- that equal values share a score. Values are far fewer than customers. Who
-- kept nothing is less frequent, but not counted: else one order were often.
recency as (

    select
        days_since_last_order,
        sum(count(*)) over (order by days_since_last_order desc) - count(*)
            as less_recent
    from customer_features
    group by days_since_last_order

),

frequency as (

    select
        orders,
        sum(count_if(orders > 0)) over (order by orders)
        - count_if(orders > 0) as less_frequent
    from customer_features
    group by orders

),

monetary as (

    select
        total_spend,
        sum(count(*)) over (order by total_spend) - count(*) as less_monetary
    from customer_features
    group by total_spend

),

-- Multiplied before it is divided, so that a boundary is hit exactly.
scored as (

    select
        features.customer_id,
        features.days_since_last_order,
        features.orders,
        features.total_spend,
        cast(floor(5.0e0 * recency.less_recent / total.customers) as bigint) + 1
            as recency_score,
        cast(floor(5.0e0 * frequency.less_frequent / total.customers) as bigint)
        + 1 as frequency_score,
        cast(floor(5.0e0 * monetary.less_monetary / total.customers) as bigint)
        + 1 as monetary_score
    from customer_features as features
    cross join total
    inner join recency
        on features.days_since_last_order = recency.days_since_last_order
    inner join frequency on features.orders = frequency.orders
    inner join monetary on features.total_spend = monetary.total_spend

),

scores as (

    select distinct
        recency_score,
        frequency_score,
        monetary_score
    from scored

),

named_scores as (

    select
        scores.*,
        rfm_cells.rfm_cell
    from scores
    left join rfm_cells
        on
            scores.recency_score
            between rfm_cells.recency_min and rfm_cells.recency_max
            and scores.frequency_score
            between rfm_cells.frequency_min and rfm_cells.frequency_max
            and scores.monetary_score
            between rfm_cells.monetary_min and rfm_cells.monetary_max
    qualify row_number() over (
        partition by
            scores.recency_score, scores.frequency_score, scores.monetary_score
        order by rfm_cells.rule_order nulls last
    ) = 1

)

select
    scored.customer_id,
    scored.days_since_last_order,
    scored.orders,
    scored.total_spend,
    scored.recency_score,
    scored.frequency_score,
    scored.monetary_score,
    concat(
        cast(scored.recency_score as string),
        cast(scored.frequency_score as string),
        cast(scored.monetary_score as string)
    ) as rfm_score,
    named_scores.rfm_cell
from scored
inner join named_scores
    on
        scored.recency_score = named_scores.recency_score
        and scored.frequency_score = named_scores.frequency_score
        and scored.monetary_score = named_scores.monetary_score
