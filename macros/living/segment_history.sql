{#- Intervals in which everyone was in a segment; open ones have no end. -#}
{% macro segment_history(entity, key) %}
with changes as (

    select * from {{ ref(entity ~ '_segment_changes') }}

),

segment_names as (

    select * from {{ ref(entity ~ '_segment_names') }}

),

intervals as (

    select
        *,
        lead(as_of_date) over (
            partition by {{ key }} order by as_of_date
        ) as valid_to
    from changes

)

select
    intervals.{{ key }},
    intervals.segment_id,
    segment_names.segment_name,
    intervals.as_of_date as valid_from,
    intervals.valid_to,
    intervals.cause,
    intervals.model_version
from intervals
inner join segment_names
    on intervals.model_version = segment_names.model_version
    and intervals.segment_id = segment_names.segment_id
{% endmacro %}
