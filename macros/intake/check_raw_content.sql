{% macro check_raw_content(file) -%}
    {%- set quoted_file = file | replace("'", "''") -%}
    {%- set bytes = run_query(
        "select size from read_blob('" ~ quoted_file ~ "')"
    ).rows[0][0] | int -%}
    {%- if bytes == 0 -%}
        {{ exceptions.raise_compiler_error(
            file ~ " is an empty file; export the table again."
        ) }}
    {%- endif -%}
    {#- Only read_blob can look at a file without failing on it, and it reads
        the whole file: above 200 MB DuckDB's own message has to do. -#}
    {%- if file.endswith('.parquet') and bytes < 200000000 -%}
        {%- set is_whole = run_query(
            "select count(*) from read_blob('" ~ quoted_file ~ "') "
            ~ "where size >= 12 and content[1:4] = 'PAR1'::blob "
            ~ "and content[-4:] = 'PAR1'::blob"
        ).rows[0][0] | int -%}
        {%- if not is_whole -%}
            {{ exceptions.raise_compiler_error(
                file ~ " is not a whole Parquet file (it does not begin and end "
                ~ "with the mark PAR1); export the table again or save it as .csv."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
