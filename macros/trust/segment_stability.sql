{#- Every segment's stability under the name it is published by. -#}
{% macro segment_stability(entity) %}
with stability as (

    select * from {{ ref('fit_' ~ entity ~ '_stability') }}

),

segment_names as (

    select * from {{ ref(entity ~ '_segment_names') }}

)

select
    stability.model_version,
    stability.segment_id,
    segment_names.segment_name,
    stability.jaccard,
    stability.verdict,
    stability.refits
from stability
inner join segment_names
    on stability.model_version = segment_names.model_version
    and stability.segment_id = segment_names.segment_id
{% endmacro %}
