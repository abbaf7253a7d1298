{% macro find_raw_files(table_name) -%}
    {%- set path = segmentation.raw_path() ~ '/' ~ table_name -%}
    {%- set files = run_query(
        "select file from glob(" ~ segmentation.quoted_path(path ~ '.csv') ~ ") union all "
        ~ "select file from glob(" ~ segmentation.quoted_path(path ~ '.parquet') ~ ") "
        ~ "order by file"
    ) -%}
    {{ return(files.columns[0].values() | list) }}
{%- endmacro %}
