{{ config(materialized='table') }}

with

as_of as (

    select as_of_date from {{ ref('as_of') }}

)

{% for table in public_tables() %}
    select
        '{{ table.name }}' as table_name,
        '{{ ref(table.name) }}' as relation,
        '{{ table.key | join(', ') }}' as row_key,
        serving.model_version,
        {{ table.is_versioned }} as is_versioned,
        as_of.as_of_date
    from {{ ref('int_' ~ table.segmentation ~ '_serving_model') }} as serving
    cross join as_of
    {{ 'union all' if not loop.last }}
{% endfor %}
