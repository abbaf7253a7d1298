select
    segmentation,
    model_version,
    position,
    feature,
    level,
    code,
    transform,
    fill_value,
    center,
    scale,
    weight,
    unit,
    shrink_by,
    prior_mean,
    prior_count
from {{ ref('fit_scaling') }}
