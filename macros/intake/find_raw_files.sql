{% macro find_raw_files(table_name) -%}
    {%- set pattern = (segmentation.raw_path() ~ '/' ~ table_name) | replace("'", "''") -%}
    {%- set files = run_query(
        "select file from glob('" ~ pattern ~ ".csv') union all "
        ~ "select file from glob('" ~ pattern ~ ".parquet') order by file"
    ) -%}
    {{ return(files.columns[0].values() | list) }}
{%- endmacro %}
