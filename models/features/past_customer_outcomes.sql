{{ config(enabled=segmentation.has_segmentation('customer')) }}

with features as (
    select * from {{ ref('past_customer_features') }}
),

histories as (
    select * from {{ ref('purchase_histories') }}
),

outcomes as (
    select * from {{ ref('horizon_outcomes') }}
)

select
    features.*,
    {%- for column in [
        'repeats', 'recency_days', 'age_days', 'paid_days', 'spend',
        'early_repeats', 'early_recency_days', 'early_age_days',
        'early_paid_days', 'early_spend', 'late_orders', 'late_spend',
        'history_days',
    ] %}
    histories.{{ column }},
    {%- endfor %}
    outcomes.later_spend
from features
inner join histories
    on
        features.customer_id = histories.customer_id
        and features.days_back = histories.days_back
inner join outcomes on features.customer_id = outcomes.customer_id
