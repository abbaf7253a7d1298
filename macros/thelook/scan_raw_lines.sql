{% macro scan_raw_lines(file) -%}
    {{ return(
        "read_csv(" ~ segmentation.quoted_path(file) ~ ", "
        ~ "auto_detect = false, header = false, delim = '\x01', quote = '', "
        ~ "escape = '', columns = {'line': 'VARCHAR'}, store_rejects = true, "
        ~ "strict_mode = false)"
    ) }}
{%- endmacro %}
