{#-
    Flows between segments at every date built, joiners (from null), leavers (to
    null) and stayers included: the sizes at one date, the flows and the sizes
    at the next add up.
-#}
{% macro segment_migrations(entity, unit) %}
with changes as (

    select * from {{ ref(entity ~ '_segment_changes') }}

),

segment_sizes as (

    select * from {{ ref('segment_sizes_over_time' if entity == 'customer'
        else entity ~ '_segment_sizes_over_time') }}

),

moves as (

    select
        as_of_date,
        earlier_segment_id as from_segment_id,
        segment_id as to_segment_id,
        cause,
        count(*) as moved
    from changes
    group by as_of_date, earlier_segment_id, segment_id, cause

),

arrivals as (

    select
        as_of_date,
        to_segment_id as segment_id,
        sum(moved) as moved
    from moves
    group by as_of_date, to_segment_id

),

flows as (

    select * from moves
    union all
    select
        segment_sizes.as_of_date,
        segment_sizes.segment_id as from_segment_id,
        segment_sizes.segment_id as to_segment_id,
        'stayed' as cause,
        segment_sizes.{{ unit }} - coalesce(arrivals.moved, 0) as moved
    from segment_sizes
    left join arrivals
        on segment_sizes.as_of_date = arrivals.as_of_date
        and segment_sizes.segment_id = arrivals.segment_id

)

select
    as_of_date,
    from_segment_id,
    to_segment_id,
    cause,
    cast(moved as bigint) as {{ unit }},
    cast(moved as double) / sum(moved) over (partition by as_of_date) as share
from flows
where moved > 0
{% endmacro %}
