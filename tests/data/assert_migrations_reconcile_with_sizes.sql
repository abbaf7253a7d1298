-- On every date built, the flows out of a segment, stayers included, add up to
-- its size on the date before, and the flows into it to its size.
with segment_sizes as (

    select * from {{ ref('segment_sizes') }}

),

segment_migrations as (

    select * from {{ ref('segment_migrations') }}

),

dates as (

    select
        segmentation,
        as_of_date,
        lag(as_of_date) over (
            partition by segmentation order by as_of_date
        ) as date_before
    from (
        select distinct
            segmentation,
            as_of_date
        from segment_sizes
    ) as built

),

expected as (

    select
        dates.segmentation,
        dates.as_of_date,
        sizes.segment_id,
        'before' as side,
        sizes.units
    from dates
    inner join segment_sizes as sizes
        on
            dates.segmentation = sizes.segmentation
            and dates.date_before = sizes.as_of_date
    union all
    select
        segmentation,
        as_of_date,
        segment_id,
        'after' as side,
        units
    from segment_sizes

),

flows as (

    select
        segmentation,
        as_of_date,
        from_segment_id as segment_id,
        'before' as side,
        sum(units) as units
    from segment_migrations
    where from_segment_id is not null
    group by segmentation, as_of_date, from_segment_id
    union all
    select
        segmentation,
        as_of_date,
        to_segment_id as segment_id,
        'after' as side,
        sum(units) as units
    from segment_migrations
    where to_segment_id is not null
    group by segmentation, as_of_date, to_segment_id

)

select
    coalesce(expected.segmentation, flows.segmentation) as segmentation,
    coalesce(expected.as_of_date, flows.as_of_date) as as_of_date,
    coalesce(expected.segment_id, flows.segment_id) as segment_id,
    coalesce(expected.side, flows.side) as side,
    expected.units as units_expected,
    flows.units as units_in_flows
from expected
full outer join flows
    on
        expected.segmentation = flows.segmentation
        and expected.as_of_date = flows.as_of_date
        and expected.segment_id = flows.segment_id
        and expected.side = flows.side
where expected.units is distinct from flows.units
