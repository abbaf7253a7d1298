-- Fitted clusters under the segment ids they were matched to.
with clusters as (

    select * from {{ ref('fit_clusters') }}

),

segments as (

    select * from {{ ref('fit_segments') }}
    where segment_name is not null

)

select
    clusters.segmentation,
    clusters.model_version,
    segments.new_id as segment_id,
    clusters.component,
    clusters.centroid,
    clusters.fitted_rows as units,
    clusters.axis_loadings,
    clusters.log_constant
from clusters
inner join segments
    on
        clusters.segmentation = segments.segmentation
        and clusters.model_version = segments.model_version
        and clusters.cluster = segments.cluster
