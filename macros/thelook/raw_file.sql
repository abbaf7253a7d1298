{% macro raw_file(table_name) -%}
    {%- if execute -%}
        {%- set files = segmentation.find_raw_files(table_name) -%}
        {%- set header = segmentation.read_raw_header(files[0]) if files
            else [] -%}
        {%- set found = header | map('lower') | list -%}
select
        {%- for column in segmentation.raw_columns(table_name) %}
            {{ column if column in found
                else 'cast(null as string) as ' ~ column }}
            {{- ',' if not loop.last }}
        {%- endfor %}
        {% if files -%}
        from {{ segmentation.scan_raw_file(files[0], header) }}
        {%- else -%}
        where false
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
