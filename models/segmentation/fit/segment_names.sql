with automatic as (

    select * from {{ ref('fit_segments') }}
    where segment_name is not null

),

overrides as (

    select * from {{ ref('segment_overrides') }}

)

select
    automatic.segmentation,
    automatic.model_version,
    automatic.new_id as segment_id,
    coalesce(overrides.segment_name, automatic.segment_name) as segment_name,
    automatic.segment_name as automatic_name,
    case when overrides.segment_name is not null then overrides.reason end
        as override_reason
from automatic
left join overrides
    on
        automatic.segmentation = overrides.segmentation
        and automatic.new_id = overrides.segment_id
