{#- Whether a raw table has types, as Parquet has: it is read again faster than
    its rows are kept. Texts are not. -#}
{% macro is_typed(table_name) -%}
    {%- set files = segmentation.find_raw_files(table_name)
        if execute and segmentation.raw_path() else [] -%}
    {{ return(files != [] and files[0].endswith('.parquet')) }}
{%- endmacro %}
