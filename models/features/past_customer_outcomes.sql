-- noqa: disable=AM04
{{ config(enabled=segmentation.has_segmentation('customer')) }}

{% set is_kept = segmentation.setting('rfm_orders') == 'kept' %}
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
    features.{{ 'kept' if is_kept else 'total' }}_orders as rfm_orders,
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
