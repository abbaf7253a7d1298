with places as (

    select * from {{ ref('fit_map') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

)

select
    places.segmentation,
    places.model_version,
    places.unit_id,
    places.x,
    places.y,
    places.segment_id,
    segment_names.segment_name
from places
inner join segment_names
    on
        places.segmentation = segment_names.segmentation
        and places.model_version = segment_names.model_version
        and places.segment_id = segment_names.segment_id
