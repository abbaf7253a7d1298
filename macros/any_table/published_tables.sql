{#-
    What a segmentation of any table publishes, one row per table: its part of
    `int_public_tables`, of a publication of its own.
-#}
{% macro published_tables(name) %}
{% set tables = segmentation.segmentation_tables(name) + [
    segmentation.public_table(name ~ '_segmentation_quality', ['model_version'], name),
    segmentation.public_table(name ~ '_segment_stability', ['segment_id'], name, true),
] %}
with as_of as (

    select as_of_date from {{ ref('int_' ~ name ~ '_as_of') }}

)

{% for table in tables -%}
select
    '{{ table.name }}' as table_name,
    '{{ ref(table.name) }}' as relation,
    '{{ table.key | join(', ') }}' as row_key,
    serving_model.model_version,
    {{ table.is_versioned }} as is_versioned,
    as_of.as_of_date
from {{ ref('int_' ~ name ~ '_serving_model') }} as serving_model
cross join as_of
{{ 'union all' if not loop.last }}
{% endfor %}
{% endmacro %}
