{{ config(enabled=segmentation.has_segmentation('customer')) }}

with customer_features as (

    select * from {{ ref('customer_features') }}

),

rfm_cells as (

    select * from {{ ref('rfm_cells') }}

),

-- How many customers come before one: only those with another value do, so
-- that equal values share a score, whatever their number.
ranked as (

    select
        customer_id,
        days_since_last_order,
        total_orders,
        total_spend,
        rank() over (order by days_since_last_order desc) - 1 as less_recent,
        rank() over (order by total_orders) - 1 as less_frequent,
        rank() over (order by total_spend) - 1 as less_monetary,
        count(*) over () as customers
    from customer_features

),

-- Multiplied before it is divided, so that a boundary is hit exactly.
scored as (

    select
        customer_id,
        days_since_last_order,
        total_orders,
        total_spend,
        cast(floor(5.0e0 * less_recent / customers) as bigint) + 1
            as recency_score,
        cast(floor(5.0e0 * less_frequent / customers) as bigint) + 1
            as frequency_score,
        cast(floor(5.0e0 * less_monetary / customers) as bigint) + 1
            as monetary_score
    from ranked

),

named as (

    select
        scored.*,
        rfm_cells.rfm_cell
    from scored
    left join rfm_cells
        on
            scored.recency_score
            between rfm_cells.recency_min and rfm_cells.recency_max
            and scored.frequency_score
            between rfm_cells.frequency_min and rfm_cells.frequency_max
            and scored.monetary_score
            between rfm_cells.monetary_min and rfm_cells.monetary_max
    qualify row_number() over (
        partition by scored.customer_id
        order by rfm_cells.rule_order nulls last
    ) = 1

)

select
    customer_id,
    days_since_last_order,
    total_orders,
    total_spend,
    recency_score,
    frequency_score,
    monetary_score,
    concat(
        cast(recency_score as string),
        cast(frequency_score as string),
        cast(monetary_score as string)
    ) as rfm_score,
    rfm_cell
from named
