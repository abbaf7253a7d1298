{#- The table function that reads a raw file with the header found in it. -#}
{% macro scan_raw_file(file, header, odd=none) -%}
    {%- set quoted_file = segmentation.quoted_path(file) -%}
    {%- if file.endswith('.parquet') -%}
        {{ return("read_parquet(" ~ quoted_file ~ ")") }}
    {%- endif -%}

    {%- set columns, fields = [], [] -%}
    {%- for name in header -%}
        {%- set quoted_name = "'" ~ name | replace("'", "''") ~ "'" -%}
        {%- do columns.append(quoted_name ~ ": 'VARCHAR'") -%}
        {%- set field = "fields[" ~ loop.index ~ "]" -%}
        {%- do fields.append(
            "nullif(case when " ~ field ~ " like '\"%' then replace(" ~ field
            ~ "[2:-2], '\"\"', '\"') else " ~ field ~ " end, '') as "
            ~ adapter.quote(name)
        ) -%}
    {%- endfor -%}
    {%- if odd not in [none, 'utf-16'] -%}
        {{ return(
            "(select " ~ fields | join(', ') ~ " from "
            ~ segmentation.odd_lines(file, odd) ~ " where number > 1)"
        ) }}
    {%- endif -%}
    {#- Faulty lines are collected instead of raised, so that
        refuse_rejected_lines can name the first one in a sentence. -#}
    {{ return(
        "read_csv(" ~ quoted_file ~ ", auto_detect = false, header = true, "
        ~ "delim = ',', quote = '\"', escape = '\"', nullstr = '', "
        ~ "null_padding = false, store_rejects = true, rejects_limit = 100, "
        ~ "columns = {" ~ columns | join(', ') ~ "}"
        ~ (", encoding = 'utf-16'" if odd) ~ ")"
    ) }}
{%- endmacro %}
