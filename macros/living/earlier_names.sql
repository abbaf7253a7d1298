{#-
    The name every segment id got at birth, from the versions that the log
    knows; ids of rejected versions count as used.
-#}
{% macro earlier_names(names, entity) %}
with names as (

    {{ segmentation.earlier(names, [
        ['model_version', 'bigint'], ['segment_id', 'bigint'],
        ['segment_name', 'string'],
    ]) | indent(4) }}

),

fitted as (

    select model_version
    from {{ ref('int_' ~ entity ~ '_earlier_events') }}
    where event = 'fitted'

)

select
    names.segment_id,
    names.segment_name
from names
inner join fitted on names.model_version = fitted.model_version
qualify row_number() over (
    partition by names.segment_id order by names.model_version
) = 1
{% endmacro %}
