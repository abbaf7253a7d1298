{% macro check_raw_header(table_name, file, header) -%}
    {%- set found = header | map('lower') | list -%}
    {%- set line = header | join(',') -%}
    {%- if '\x00' in line -%}
        {{ exceptions.raise_compiler_error(
            file ~ " is not UTF-8 text (its header has null bytes, as in "
            ~ "UTF-16); save the file again as comma-separated UTF-8 text."
        ) }}
    {%- endif -%}
    {%- for separator, name in {
        ';': 'semicolon', '\t': 'tab', '|': 'pipe',
    }.items() if header | length == 1 and separator in line -%}
        {{ exceptions.raise_compiler_error(
            file ~ " looks " ~ name ~ "-separated (its header is: "
            ~ line | replace('\t', ' ') ~ "); save the file again as "
            ~ "comma-separated UTF-8 text, with points in its numbers."
        ) }}
    {%- endfor -%}
    {%- set missing = segmentation.required_raw_columns(table_name)
        | reject('in', found) | list -%}
    {%- if missing -%}
        {%- if file.endswith('.csv') -%}
            {#- A first line that is no UTF-8 is passed over as if it were not
                there; a scan to the end tells. -#}
            {%- do run_query(
                "select max(line) from " ~ segmentation.scan_raw_lines(file)
            ) -%}
            {%- do segmentation.refuse_rejected_lines(table_name) -%}
        {%- endif -%}
        {{ exceptions.raise_compiler_error(
            file ~ " lacks the column " ~ missing | join(', ') ~ " (it has: "
            ~ header | join(', ')
            ~ "); add it or rename the column that holds it."
        ) }}
    {%- endif -%}
    {%- if table_name == 'order_items' and 'product_id' not in found
        and 'inventory_item_id' not in found -%}
        {{ exceptions.raise_compiler_error(
            file ~ " has neither product_id nor inventory_item_id (it has: "
            ~ header | join(', ') ~ "); add one of them, since brands and "
            ~ "categories are found through it."
        ) }}
    {%- endif -%}
{%- endmacro %}
