{% macro scan_raw_lines(file, odd=none) -%}
    {%- if odd not in [none, 'utf-16'] -%}
        {{ return(segmentation.odd_lines(file, odd)) }}
    {%- endif -%}
    {{ return(
        "read_csv(" ~ segmentation.quoted_path(file) ~ ", "
        ~ "auto_detect = false, header = false, delim = '\x01', quote = '', "
        ~ "escape = '', columns = {'line': 'VARCHAR'}, store_rejects = true, "
        ~ "strict_mode = false" ~ (", encoding = 'utf-16'" if odd) ~ ")"
    ) }}
{%- endmacro %}
