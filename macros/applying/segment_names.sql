{#-
    Every segment's name: the automatic one, given when its model was fitted,
    or the one that the seed `segment_names` sets in its place.
-#}
{% macro segment_names(entity) %}
with automatic as (

    select * from {{ ref('fit_' ~ entity ~ '_names') }}

),

overrides as (

    select * from {{ ref('segment_names') }}
    where segmentation = '{{ entity }}'

)

select
    automatic.model_version,
    automatic.segment_id,
    coalesce(overrides.segment_name, automatic.segment_name) as segment_name,
    automatic.segment_name as automatic_name,
    overrides.reason as override_reason
from automatic
left join overrides on automatic.segment_id = overrides.segment_id
{% endmacro %}
