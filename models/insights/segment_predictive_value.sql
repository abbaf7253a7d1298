{{ config(enabled=segmentation.has_segmentation('customer')) }}

select
    segmentation,
    model_version,
    predictor,
    measure,
    as_of_date,
    horizon_days,
    units,
    group_count,
    value,
    low,
    high,
    minus_rfm,
    minus_rfm_low,
    minus_rfm_high,
    minus_fifths,
    minus_fifths_low,
    minus_fifths_high
from {{ ref('fit_predictive_value') }}
where measure is not null
