with stability as (

    select * from {{ ref('fit_stability') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

)

select
    stability.segmentation,
    stability.model_version,
    stability.segment_id,
    segment_names.segment_name,
    stability.jaccard,
    stability.verdict,
    stability.refits
from stability
inner join segment_names
    on
        stability.segmentation = segment_names.segmentation
        and stability.model_version = segment_names.model_version
        and stability.segment_id = segment_names.segment_id
