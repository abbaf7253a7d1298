{#-
    The same rows as `trust_sample` has, and those that lack a value, with every
    feature: those that cluster and those that only describe.
-#}
{% macro described_sample(entity, key) %}
{% set features_model = entity ~ '_features' %}
{% set recipe = segmentation.resolved_recipe(entity, features_model) %}
with sample as (

    select * from {{ ref('int_' ~ entity ~ '_fit_sample_features') }}
    where sample_rank <= {{ recipe['max_selection_rows'] }}

)

select
    sample_rank,
    {{ key }}
    {%- for column in segmentation.feature_columns(features_model) %},
    {{ column.name }}
    {%- endfor %}
from sample
{% endmacro %}
