{#-
    Active and other version side by side: everyone's segment under the model
    that serves and under the one that waits or served before, in builds where
    two versions are in play; no rows otherwise.
-#}
{% macro segment_agreement(entity, key) %}
with assignments as (

    select * from {{ ref('int_' ~ entity ~ '_assignments') }}

),

serving_model as (

    select * from {{ ref('int_' ~ entity ~ '_serving_model') }}

),

segment_names as (

    select * from {{ ref(entity ~ '_segment_names') }}

),

named as (

    select
        assignments.{{ key }},
        assignments.model_version,
        assignments.segment_id,
        segment_names.segment_name,
        assignments.model_version = serving_model.model_version as is_serving
    from assignments
    inner join segment_names
        on assignments.model_version = segment_names.model_version
        and assignments.segment_id = segment_names.segment_id
    cross join serving_model

)

select
    serving.{{ key }},
    serving.model_version as serving_version,
    serving.segment_id as serving_segment_id,
    serving.segment_name as serving_segment_name,
    other.model_version as other_version,
    other.segment_id as other_segment_id,
    other.segment_name as other_segment_name,
    serving.segment_id = other.segment_id as is_same
from named as serving
inner join named as other
    on serving.{{ key }} = other.{{ key }}
    and serving.model_version <> other.model_version
where serving.is_serving
{% endmacro %}
