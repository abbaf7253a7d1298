{#-
    What a segmentation of any table publishes, one row per table: its part of
    `int_public_tables`, of a publication of its own.
-#}
{% macro published_tables(name) %}
{% set tables = segmentation.segmentation_tables(name) + [
    segmentation.public_table(name ~ '_segmentation_quality', ['model_version'], name),
    segmentation.public_table(name ~ '_segment_stability', ['segment_id'], name, true),
] %}
{% for table in tables -%}
select
    '{{ table.name }}' as table_name,
    '{{ ref(table.name) }}' as relation,
    '{{ table.key | join(', ') }}' as row_key,
    model_version,
    {{ table.is_versioned }} as is_versioned
from {{ ref('int_' ~ name ~ '_serving_model') }}
{{ 'union all' if not loop.last }}
{% endfor %}
{% endmacro %}
