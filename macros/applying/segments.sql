{#-
    The published answer: every row with a segment under the serving model.
    `margin` says how clear the choice is, from 0 on the border to 1.
-#}
{% macro segments(entity, key) %}
with assignments as (

    select * from {{ ref('int_' ~ entity ~ '_assignments') }}

),

serving_model as (

    select * from {{ ref('int_' ~ entity ~ '_serving_model') }}

),

segment_names as (

    select * from {{ ref(entity ~ '_segment_names') }}

)

select
    assignments.{{ key }},
    assignments.segment_id,
    segment_names.segment_name,
    assignments.component_1,
    assignments.component_2,
    assignments.distance,
    assignments.runner_up_segment_id,
    assignments.margin,
    assignments.probability,
    assignments.model_version
from assignments
inner join serving_model
    on assignments.model_version = serving_model.model_version
inner join segment_names
    on assignments.model_version = segment_names.model_version
    and assignments.segment_id = segment_names.segment_id
{% endmacro %}
