{#-
    Sizes of the segments on every date built, added up from the changes: what
    everyone joined, left and moved to by then.
-#}
{% macro segment_sizes(entity, unit) %}
with changes as (

    select * from {{ ref(entity ~ '_segment_changes') }}

),

dates as (

    select
        as_of_date,
        model_version
    from {{ ref(entity ~ '_model_log') }}
    where event = 'applied'
    qualify row_number() over (
        partition by as_of_date order by event_number desc
    ) = 1

),

segment_names as (

    select
        segment_id,
        segment_name
    from {{ ref(entity ~ '_segment_names') }}
    qualify row_number() over (
        partition by segment_id order by model_version desc
    ) = 1

),

flows as (

    select
        as_of_date,
        segment_id,
        count(*) as difference
    from changes
    where segment_id is not null
    group by as_of_date, segment_id
    union all
    select
        as_of_date,
        earlier_segment_id as segment_id,
        -count(*) as difference
    from changes
    where earlier_segment_id is not null
    group by as_of_date, earlier_segment_id

),

counted as (

    select
        dates.as_of_date,
        dates.model_version,
        flows.segment_id,
        sum(flows.difference) as segment_size
    from dates
    inner join flows on flows.as_of_date <= dates.as_of_date
    group by dates.as_of_date, dates.model_version, flows.segment_id
    having sum(flows.difference) > 0

)

select
    counted.as_of_date,
    counted.segment_id,
    segment_names.segment_name,
    cast(counted.segment_size as bigint) as {{ unit }},
    cast(counted.segment_size as double)
    / sum(counted.segment_size) over (partition by counted.as_of_date)
        as share,
    counted.model_version
from counted
inner join segment_names on counted.segment_id = segment_names.segment_id
{% endmacro %}
