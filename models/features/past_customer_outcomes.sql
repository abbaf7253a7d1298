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
    histories.* exclude (customer_id, days_back),
    outcomes.later_spend
from features
inner join histories
    on
        features.customer_id = histories.customer_id
        and features.days_back = histories.days_back
inner join outcomes on features.customer_id = outcomes.customer_id
