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
    weight
from {{ ref('fit_scaling') }}
