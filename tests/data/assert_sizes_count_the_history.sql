-- On every date built, the size of a segment is the number of units whose
-- interval holds the date, counted anew, and of those forgotten since.
with segment_sizes as (

    select * from {{ ref('segment_sizes') }}

),

intervals as (

    {{ segmentation.segment_intervals() | indent(4) }}

),

dates as (

    select distinct
        segmentation,
        as_of_date
    from segment_sizes

),

forgotten as (

    select
        segmentation,
        as_of_date,
        segment_id,
        1 as units
    from {{ ref('segment_changes') }}
    where unit_id is null
    union all
    select
        segmentation,
        as_of_date,
        earlier_segment_id as segment_id,
        -1 as units
    from {{ ref('segment_changes') }}
    where unit_id is null

),

placed as (

    select
        dates.segmentation,
        dates.as_of_date,
        intervals.segment_id,
        1 as units
    from dates
    inner join intervals
        on
            dates.segmentation = intervals.segmentation
            and dates.as_of_date >= intervals.valid_from
            and (
                intervals.valid_to is null
                or dates.as_of_date < intervals.valid_to
            )
    union all
    select
        dates.segmentation,
        dates.as_of_date,
        forgotten.segment_id,
        forgotten.units
    from dates
    inner join forgotten
        on
            dates.segmentation = forgotten.segmentation
            and dates.as_of_date >= forgotten.as_of_date

),

counted as (

    select
        segmentation,
        as_of_date,
        segment_id,
        sum(units) as units
    from placed
    where segment_id is not null
    group by segmentation, as_of_date, segment_id
    having sum(units) <> 0

)

select
    coalesce(segment_sizes.segmentation, counted.segmentation) as segmentation,
    coalesce(segment_sizes.as_of_date, counted.as_of_date) as as_of_date,
    coalesce(segment_sizes.segment_id, counted.segment_id) as segment_id,
    segment_sizes.units,
    counted.units as units_in_history
from segment_sizes
full outer join counted
    on
        segment_sizes.segmentation = counted.segmentation
        and segment_sizes.as_of_date = counted.as_of_date
        and segment_sizes.segment_id = counted.segment_id
where segment_sizes.units is distinct from counted.units
