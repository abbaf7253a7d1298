{% macro scan_raw_file(file, header) -%}
    {%- set quoted_file = segmentation.quoted_path(file) -%}
    {%- if file.endswith('.parquet') -%}
        {{ return("read_parquet(" ~ quoted_file ~ ")") }}
    {%- endif -%}

    {%- set columns = [] -%}
    {%- for name in header -%}
        {%- set quoted_name = "'" ~ name | replace("'", "''") ~ "'" -%}
        {%- do columns.append(quoted_name ~ ": 'VARCHAR'") -%}
    {%- endfor -%}
    {#- Faulty lines are collected instead of raised, so that
        refuse_rejected_lines can name the first one in a sentence. -#}
    {{ return(
        "read_csv(" ~ quoted_file ~ ", auto_detect = false, header = true, "
        ~ "delim = ',', quote = '\"', escape = '\"', nullstr = '', "
        ~ "null_padding = false, store_rejects = true, rejects_limit = 100, "
        ~ "columns = {" ~ columns | join(', ') ~ "})"
    ) }}
{%- endmacro %}
