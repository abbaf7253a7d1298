select
    segmentation,
    model_version,
    algorithm,
    rows,
    segments,
    noise_share,
    silhouette,
    davies_bouldin,
    calinski_harabasz,
    ari,
    ami,
    stability,
    seconds,
    note
from {{ ref('fit_comparison') }}
