select
    segmentation,
    model_version,
    feature_a,
    feature_b,
    measure,
    value,
    rows
from {{ ref('fit_correlations') }}
