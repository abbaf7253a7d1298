select
    segmentation,
    model_version,
    component,
    position,
    feature,
    level,
    loading,
    mean,
    explained_variance_ratio
from {{ ref('fit_loadings') }}
