select
    segmentation,
    model_version,
    k,
    inertia,
    silhouette,
    silhouette_se,
    calinski_harabasz,
    davies_bouldin,
    gap,
    gap_se,
    stability,
    smallest_share,
    is_elbow,
    is_selected,
    reason
from {{ ref('fit_k_candidates') }}
