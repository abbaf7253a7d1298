{#-
    What trust is judged on: the first max_selection_rows of the fitted rows, in
    the order of their keys' hashes, with the segment each has under the version
    just fitted. Empty in a build that fits nothing.
-#}
{% macro trust_sample(entity, key) %}
{% set recipe = segmentation.resolved_recipe(entity, entity ~ '_features') %}
with sample as (

    select * from {{ ref('int_' ~ entity ~ '_fit_sample_components') }}
    where sample_rank <= {{ recipe['max_selection_rows'] }}

),

assignments as (

    select * from {{ ref('int_' ~ entity ~ '_assignments') }}

)

select
    sample.sample_rank,
    sample.{{ key }},
    sample.components,
    assignments.segment_id
from sample
inner join assignments
    on sample.{{ key }} = assignments.{{ key }}
    and sample.model_version = assignments.model_version
{% endmacro %}
