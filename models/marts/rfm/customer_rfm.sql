with features as (

    select * from {{ ref('customer_features') }}

),

rfm_cells as (

    select * from {{ ref('rfm_cells') }}

),

scored as (

    select
        customer_id,
        days_since_last_order,
        total_orders,
        total_spend,
        {{ quintile_score('days_since_last_order', 'desc') }} as recency_score,
        {{ quintile_score('total_orders') }} as frequency_score,
        {{ quintile_score('total_spend') }} as monetary_score
    from features

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
