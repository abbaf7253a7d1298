with segment_changes as (

    select * from {{ ref('segment_changes') }}

),

segment_sizes as (

    select * from {{ ref('segment_sizes') }}

),

moves as (

    select
        segmentation,
        as_of_date,
        earlier_segment_id as from_segment_id,
        segment_id as to_segment_id,
        cause,
        count(*) as moved
    from segment_changes
    group by segmentation, as_of_date, earlier_segment_id, segment_id, cause

),

arrivals as (

    select
        segmentation,
        as_of_date,
        to_segment_id as segment_id,
        sum(moved) as moved
    from moves
    group by segmentation, as_of_date, to_segment_id

),

flows as (

    select * from moves
    union all
    select
        segment_sizes.segmentation,
        segment_sizes.as_of_date,
        segment_sizes.segment_id as from_segment_id,
        segment_sizes.segment_id as to_segment_id,
        'stayed' as cause,
        segment_sizes.units - coalesce(arrivals.moved, 0) as moved
    from segment_sizes
    left join arrivals
        on
            segment_sizes.segmentation = arrivals.segmentation
            and segment_sizes.as_of_date = arrivals.as_of_date
            and segment_sizes.segment_id = arrivals.segment_id

)

select
    segmentation,
    as_of_date,
    from_segment_id,
    to_segment_id,
    cause,
    cast(moved as bigint) as units,
    cast(moved as double)
    / sum(moved) over (partition by segmentation, as_of_date) as share
from flows
where moved > 0
