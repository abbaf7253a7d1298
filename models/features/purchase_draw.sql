{{ config(enabled=segmentation.has_segmentation('customer')) }}

with histories as (
    select * from {{ ref('purchase_histories') }}
    where days_back = 0
),

drawn as (
    select *
    from histories
    order by md5(cast(customer_id as string)), customer_id
    limit 10000
),

-- The forecast has nodes for every number of repeats that there is.
counts as (
    select distinct repeats
    from histories
)

select
    {%- for column in [
        'customer_id', 'recency_days', 'age_days', 'paid_days', 'spend',
        'early_repeats', 'early_recency_days', 'early_age_days',
        'early_paid_days', 'early_spend', 'late_orders', 'late_spend',
        'history_days',
    ] %}
    drawn.{{ column }},
    {%- endfor %}
    counts.repeats,
    drawn.customer_id is not null as is_drawn
from counts
left join drawn on counts.repeats = drawn.repeats
