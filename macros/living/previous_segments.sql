{#-
    Everyone's segment as earlier builds left it, from the log of changes: the
    stored one, if it is an id of the model that serves, and the one before the
    date of this build's data, so that building the same date again starts from
    the same place.
-#}
{% macro previous_segments(
    entity, changes, names, key, as_of, key_type='bigint'
) %}
with changes as (

    {{ segmentation.earlier(changes, [
        [key, key_type], ['as_of_date', 'date'], ['segment_id', 'bigint'],
    ]) | indent(4) }}

),

names as (

    {{ segmentation.earlier(names, [
        ['model_version', 'bigint'], ['segment_id', 'bigint'],
    ]) | indent(4) }}

),

earlier_events as (

    select * from {{ ref('int_' ~ entity ~ '_earlier_events') }}

),

as_of as (

    select as_of_date from {{ as_of }}

),

active as (

    select model_version
    from earlier_events
    where event = 'activated'
    qualify row_number() over (order by event_number desc) = 1

),

active_segments as (

    select names.segment_id
    from names
    inner join active on names.model_version = active.model_version

),

stored as (

    select
        {{ key }},
        segment_id
    from changes
    where exists (select 1 from active)
    qualify row_number() over (
        partition by {{ key }} order by as_of_date desc
    ) = 1

),

before_as_of as (

    select
        changes.{{ key }},
        changes.segment_id
    from changes
    inner join as_of on changes.as_of_date < as_of.as_of_date
    qualify row_number() over (
        partition by changes.{{ key }} order by changes.as_of_date desc
    ) = 1

)

select
    stored.{{ key }},
    active_segments.segment_id as stored_segment_id,
    before_as_of.segment_id as earlier_segment_id
from stored
left join active_segments on stored.segment_id = active_segments.segment_id
left join before_as_of on stored.{{ key }} = before_as_of.{{ key }}
{% endmacro %}
