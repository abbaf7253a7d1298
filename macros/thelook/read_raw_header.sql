{#- The column names of a raw file. Nameless and repeated columns of a CSV file
    get the suffix _column_ and their position. -#}
{% macro read_raw_header(file, odd=none) -%}
    {%- set quoted_file = segmentation.quoted_path(file) -%}
    {%- if file.endswith('.parquet') -%}
        {%- set rows = run_query(
            "select column_name from "
            ~ "(describe select * from read_parquet(" ~ quoted_file ~ "))"
        ) -%}
        {{ return(rows.columns[0].values() | list) }}
    {%- endif -%}

    {#- The header is split here because DuckDB's own detection refuses a file
        for a fault anywhere in its first rows, with a page of advice. -#}
    {%- set lines = "read_csv(" ~ quoted_file
        ~ ", auto_detect = false, header = false, delim = '\x01', quote = '', "
        ~ "escape = '', columns = {'line': 'VARCHAR'}, store_rejects = true, "
        ~ "strict_mode = false" ~ (", encoding = 'utf-16'" if odd) ~ ")"
        if odd in [none, 'utf-16'] else segmentation.odd_lines(file, odd) -%}
    {%- set rows = run_query("select line from " ~ lines ~ " limit 1") -%}
    {%- set line = (rows.columns[0].values() | list + [''])[0] or '' -%}
    {%- set names = [] -%}
    {%- for quoted, plain in modules.re.findall(
        '(?:^|,)(?:"((?:[^"]|"")*)"(?= *(?:,|$))|([^,]*))',
        line.lstrip('\ufeff') | trim
    ) -%}
        {%- set name = (quoted or plain) | trim -%}
        {%- set taken = names | map('lower') | list -%}
        {%- do names.append(
            name if name and name | lower not in taken
            else name ~ '_column_' ~ loop.index
        ) -%}
    {%- endfor -%}
    {{ return(names if line else []) }}
{%- endmacro %}
