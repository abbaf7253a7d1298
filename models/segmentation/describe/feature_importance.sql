select
    segmentation,
    model_version,
    feature,
    agreement,
    rows
from {{ ref('fit_importance') }}
