with described as (

    select * from {{ ref('describe_segments') }}

),

segments as (

    select * from {{ ref('segments') }}

)

select
    described.segmentation,
    described.segment_id,
    segments.segment_name,
    described.kind,
    described.suggestion,
    described.aims_at,
    described.success
from described
inner join segments
    on
        described.segmentation = segments.segmentation
        and described.segment_id = segments.segment_id
where described.suggestion is not null
