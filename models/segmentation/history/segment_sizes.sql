with segment_changes as (

    select * from {{ ref('segment_changes') }}

),

dates as (

    select
        segmentation,
        as_of_date,
        model_version
    from {{ ref('model_log') }}
    where event = 'applied'
    qualify row_number() over (
        partition by segmentation, as_of_date order by event_number desc
    ) = 1

),

newest_names as (

    select
        segmentation,
        segment_id,
        segment_name
    from {{ ref('segment_names') }}
    qualify row_number() over (
        partition by segmentation, segment_id order by model_version desc
    ) = 1

),

flows as (

    select
        segmentation,
        as_of_date,
        segment_id,
        count(*) as difference
    from segment_changes
    where segment_id is not null
    group by segmentation, as_of_date, segment_id
    union all
    select
        segmentation,
        as_of_date,
        earlier_segment_id as segment_id,
        -count(*) as difference
    from segment_changes
    where earlier_segment_id is not null
    group by segmentation, as_of_date, earlier_segment_id

),

counted as (

    select
        dates.segmentation,
        dates.as_of_date,
        dates.model_version,
        flows.segment_id,
        sum(flows.difference) as units
    from dates
    inner join flows
        on
            dates.segmentation = flows.segmentation
            and dates.as_of_date >= flows.as_of_date
    group by
        dates.segmentation,
        dates.as_of_date,
        dates.model_version,
        flows.segment_id
    having sum(flows.difference) > 0

)

select
    counted.segmentation,
    counted.as_of_date,
    counted.segment_id,
    newest_names.segment_name,
    cast(counted.units as bigint) as units,
    cast(counted.units as double) / sum(counted.units) over (
        partition by counted.segmentation, counted.as_of_date
    ) as share,
    counted.model_version
from counted
inner join newest_names
    on
        counted.segmentation = newest_names.segmentation
        and counted.segment_id = newest_names.segment_id
