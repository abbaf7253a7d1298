{{ config(materialized='table') }}

{% for table in public_tables() %}
    select
        '{{ table.name }}' as table_name,
        '{{ ref(table.name) }}' as relation,
        '{{ table.key | join(', ') }}' as row_key,
        model_version,
        {{ table.is_versioned }} as is_versioned
    from {{ ref('int_' ~ table.segmentation ~ '_serving_model') }}
    {{ 'union all' if not loop.last }}
{% endfor %}
