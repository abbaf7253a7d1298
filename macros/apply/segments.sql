{#-
    The published answer, one row per unit with a segment: the features of a
    segmentation under its serving model, as that model's tables say. This is
    the whole of `<name>_segments`; the tables are handed over as refs, so that
    the model that calls this shows what it reads. `units` need not be given for
    a table that the entry cleans on reading.
-#}
{% macro segments(
    name, serving_models, scaling, loadings, centroids, segment_names,
    previous_segments, units=none
) %}
{% set s = segmentation.segmentation_entry(name) %}
with assignments as (

    {{ segmentation.assignments(
        s,
        units or segmentation.unit_rows(s),
        serving_models,
        scaling,
        loadings,
        centroids,
        previous_segments,
    ) | indent(4) }}

),

segment_names as (

    select * from {{ segment_names }}
    where segmentation = '{{ s.name }}'

)

select
    assignments.{{ s.key_column }},
    assignments.segment_id,
    segment_names.segment_name,
    {{ segmentation.vector_element('assignments.components', 1) }}
        as component_1,
    {{ segmentation.vector_element('assignments.components', 2) }}
        as component_2,
    assignments.components,
    assignments.distance,
    assignments.runner_up_segment_id,
    assignments.confidence,
    assignments.probability,
    assignments.model_version
from assignments
inner join segment_names
    on assignments.model_version = segment_names.model_version
    and assignments.segment_id = segment_names.segment_id
{% endmacro %}
