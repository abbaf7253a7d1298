{{ config(enabled=segmentation.has_segmentation('customer')) }}

with judged as (

    select * from {{ ref('fit_predictive_value') }}
    where group_name is not null

)

select
    segmentation,
    model_version,
    predictor,
    group_name,
    units,
    buyers,
    cast(expected_spend as decimal(18, 2)) as expected_spend,
    cast(observed_spend as decimal(18, 2)) as observed_spend,
    observed_spend / nullif(sum(observed_spend) over (
        partition by segmentation, model_version, predictor
        order by group_name
        rows between unbounded preceding and unbounded following
    ), 0) as spend_share
from judged
