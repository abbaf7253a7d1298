with alternatives as (

    select * from {{ ref('k_alternatives') }}

),

counted as (

    select
        earlier.segmentation,
        earlier.model_version,
        earlier.k as from_k,
        earlier.segment as from_segment,
        earlier.segment_name as from_segment_name,
        later.k as to_k,
        later.segment as to_segment,
        later.segment_name as to_segment_name,
        cast(count(*) as bigint) as units
    from alternatives as earlier
    inner join alternatives as later
        on
            earlier.segmentation = later.segmentation
            and earlier.model_version = later.model_version
            and earlier.unit_id = later.unit_id
            and earlier.k + 1 = later.k
    group by
        earlier.segmentation,
        earlier.model_version,
        earlier.k,
        earlier.segment,
        earlier.segment_name,
        later.k,
        later.segment,
        later.segment_name

)

select
    *,
    cast(units as double) / sum(units) over (
        partition by segmentation, model_version, from_k, from_segment
    ) as share
from counted
