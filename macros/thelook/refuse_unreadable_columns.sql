{% macro refuse_unreadable_columns(counts) -%}
    {%- if execute -%}
        {%- set unreadable = run_query(
            "select table_name, column_name, kind from " ~ counts
            ~ " where is_required and rows_read > 0 and values_read = 0"
            ~ " order by table_name, column_name"
        ) -%}
        {%- for row in unreadable -%}
            {%- set table_name = row['table_name'] -%}
            {%- set column = row['column_name'] -%}
            {%- set raw_table = counts.incorporate(
                path={'identifier': 'raw_' ~ table_name}
            ) -%}
            {%- set example = run_query(
                "select min(cast(" ~ column ~ " as string)) from " ~ raw_table
            ).rows[0][0] -%}
            {{ exceptions.raise_compiler_error(
                "No value of the required column " ~ table_name ~ "." ~ column
                ~ " is a " ~ row['kind'] ~ " (" ~ (
                    "for example '" ~ example ~ "'" if example
                    else "it is empty in every row"
                ) ~ "); correct that column in the source."
            ) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
