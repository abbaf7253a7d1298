{#-
    The intervals in which every unit of a segmentation was in a segment; open
    ones have no end. `changes` and `names` are ref('segment_changes') and
    ref('segment_names'), written in the model so that it shows its edges;
    `key` and `key_type` are the column that the unit's id becomes again.
-#}
{% macro segment_history(name, key, key_type, changes, names) %}
with intervals as (

    select
        *,
        lead(as_of_date) over (
            partition by unit_id order by as_of_date
        ) as valid_to
    from {{ changes }}
    where segmentation = '{{ name }}' and unit_id is not null

)

select
    cast(intervals.unit_id as {{ key_type }}) as {{ key }},
    intervals.segment_id,
    segment_names.segment_name,
    intervals.as_of_date as valid_from,
    intervals.valid_to,
    intervals.cause,
    intervals.model_version
from intervals
inner join {{ names }} as segment_names
    on
        intervals.segmentation = segment_names.segmentation
        and intervals.model_version = segment_names.model_version
        and intervals.segment_id = segment_names.segment_id
{% endmacro %}
