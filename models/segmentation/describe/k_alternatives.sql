with alternatives as (

    select * from {{ ref('fit_alternatives') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

)

select
    alternatives.segmentation,
    alternatives.model_version,
    alternatives.unit_id,
    alternatives.k,
    alternatives.is_selected,
    alternatives.segment,
    coalesce(alternatives.segment_name, segment_names.segment_name)
        as segment_name
from alternatives
left join segment_names
    on
        alternatives.is_selected
        and alternatives.segmentation = segment_names.segmentation
        and alternatives.model_version = segment_names.model_version
        and alternatives.segment = segment_names.segment_id
