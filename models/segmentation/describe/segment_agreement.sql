with serving as (

    select * from {{ ref('unit_segments') }}

),

other as (

    select * from {{ ref('other_assignments') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

)

select
    serving.segmentation,
    serving.unit_id,
    serving.model_version as serving_version,
    serving.segment_id as serving_segment_id,
    serving.segment_name as serving_segment_name,
    other.model_version as other_version,
    other.segment_id as other_segment_id,
    segment_names.segment_name as other_segment_name,
    serving.segment_id = other.segment_id as is_same
from other
inner join serving
    on
        other.segmentation = serving.segmentation
        and other.unit_id = serving.unit_id
        and other.model_version <> serving.model_version
inner join segment_names
    on
        other.segmentation = segment_names.segmentation
        and other.model_version = segment_names.model_version
        and other.segment_id = segment_names.segment_id
