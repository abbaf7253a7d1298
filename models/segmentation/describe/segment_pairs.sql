with pairs as (

    select * from {{ ref('fit_pairs') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

)

select
    pairs.segmentation,
    pairs.model_version,
    pairs.segment_id,
    pairs.other_segment_id,
    names.segment_name,
    other_names.segment_name as other_segment_name,
    pairs.verdict,
    pairs.fall,
    pairs.p_value,
    pairs.units_between,
    pairs.feature,
    pairs.feature_difference
from pairs
inner join segment_names as names
    on
        pairs.segmentation = names.segmentation
        and pairs.model_version = names.model_version
        and pairs.segment_id = names.segment_id
inner join segment_names as other_names
    on
        pairs.segmentation = other_names.segmentation
        and pairs.model_version = other_names.model_version
        and pairs.other_segment_id = other_names.segment_id
