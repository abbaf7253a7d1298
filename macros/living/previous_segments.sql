{#-
    Everyone's segment as earlier builds left it, from the log of changes: the
    stored one, and the one before the date of this build's data, so that
    building the same date again starts from the same place.
-#}
{% macro previous_segments(changes, key, as_of, key_type='bigint') %}
with changes as (

    {{ earlier(changes, [
        [key, key_type], ['as_of_date', 'date'], ['segment_id', 'bigint'],
    ]) | indent(4) }}

),

as_of as (

    select as_of_date from {{ as_of }}

),

stored as (

    select
        {{ key }},
        segment_id
    from changes
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
    stored.segment_id as stored_segment_id,
    before_as_of.segment_id as earlier_segment_id
from stored
left join before_as_of on stored.{{ key }} = before_as_of.{{ key }}
{% endmacro %}
