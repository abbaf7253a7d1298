{% macro check_raw_header(table_name, file, header) -%}
    {%- set found = header | map('lower') | list -%}
    {%- set missing = segmentation.required_raw_columns(table_name)
        | reject('in', found) | list -%}
    {%- if missing -%}
        {{ exceptions.raise_compiler_error(
            file ~ " lacks the column " ~ missing | join(', ') ~ " (it has: "
            ~ header | join(', ') ~ "); add it or rename the column that holds it."
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
