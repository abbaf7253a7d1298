{#- The paths of a raw table's .csv and .parquet file. -#}
{% macro find_raw_files(table_name) -%}
    {%- set path = segmentation.raw_path() ~ '/' ~ table_name -%}
    {%- set csv = segmentation.quoted_path(path ~ '.csv') -%}
    {%- set parquet = segmentation.quoted_path(path ~ '.parquet') -%}
    {%- set files = run_query(
        "select file from glob(" ~ csv ~ ") union all "
        ~ "select file from glob(" ~ parquet ~ ") order by file"
    ) -%}
    {{ return(files.columns[0].values() | list) }}
{%- endmacro %}
