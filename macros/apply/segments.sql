{#-
    The published answer, one row per unit with a segment: the features of a
    segmentation under its serving model, as that model's tables say. This is
    the whole of `<name>_segments`; the tables are handed over as refs, so that
    the model that calls this shows what it reads. `units` need not be given for
    a table that the entry cleans on reading. While dbt parses, the model of a
    segmentation that is left out is read as well: it gets the defaults.
-#}
{% macro segments(
    name, serving_models, scaling, loadings, centroids, segment_names,
    previous_segments, units=none
) %}
{% set entries = segmentation.segmentations() %}
{% set found = entries | selectattr('name', 'equalto', name) | list %}
{% if execute and not found %}
    {% do exceptions.raise_compiler_error(
        "Segmentation '" ~ name ~ "' is not in the var segmentations, which"
        ~ " has " ~ entries | map(attribute='name') | join(', ')
        ~ ". Add it there, or remove the models that segment it."
    ) %}
{% endif %}
{% set s = found[0] if found
    else segmentation.complete_entry(
        name, {'table': name}, segmentation.built_in('segmentations')
    ) %}
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
    assignments.components[1] as component_1,
    assignments.components[2] as component_2,
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
