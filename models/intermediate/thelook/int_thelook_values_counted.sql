{{ config(materialized='table') }}

with
{%- for table_name in raw_tables() %}
    {{ table_name }}_given as (
        select
            {%- for column, reading in raw_columns(table_name).items() %}
                count(*) filter (
                    where {{ is_given(column) }}
                ) as {{ reading[0] }},
            {%- endfor %}
            count(*) as rows_read
        from {{ ref('raw_' ~ table_name) }}
    ),

    {{ table_name }}_read as (
        select
        {%- for staged_name, kind in raw_columns(table_name).values() %}
                count({{ staged_name }}) as {{ staged_name }}
                {{- ',' if not loop.last }}
        {%- endfor %}
        from {{ ref('int_thelook_' ~ table_name ~ '_checked') }}
    )
    {{- ',' if not loop.last }}
{% endfor %}

{%- for table_name in raw_tables() %}
    {%- set outer_loop = loop %}
    {%- for column, (staged_name, kind) in raw_columns(table_name).items() %}
        select
            '{{ table_name }}' as table_name,
            '{{ column }}' as column_name,
            '{{ kind }}' as kind,
            {{ (column in required_raw_columns(table_name)) | lower }}
                as is_required,
            given.rows_read,
            given.{{ staged_name }} as values_given,
            {{ table_name }}_read.{{ staged_name }} as values_read
        from {{ table_name }}_given as given
        cross join {{ table_name }}_read
        {{ 'union all' if not (loop.last and outer_loop.last) }}
    {%- endfor %}
{%- endfor %}
