{#- Refuses, before any model runs, a folder from which the raw tables cannot be
    read: folder, file or required column missing, a table in two formats, an
    empty or torn file, a required table without rows. -#}
{% macro validate_raw_files() -%}
    {%- if execute and segmentation.raw_path()
        and segmentation.setting('shop_orders') == 'thelook_orders' -%}
        {%- set path = segmentation.raw_path() -%}
        {%- set folder = segmentation.quoted_path(path) -%}
        {%- if not run_query(
            "select file from glob(" ~ folder ~ " || '/*') limit 1"
        ).rows -%}
            {{ exceptions.raise_compiler_error(
                "SEGMENTATION_RAW_PATH names " ~ path ~ ", which is a file; "
                ~ "name the folder that holds it and the other tables."
                if run_query("select file from glob(" ~ folder ~ ")").rows else
                "The folder " ~ path ~ " that SEGMENTATION_RAW_PATH names is "
                ~ "missing or empty; set SEGMENTATION_RAW_PATH to the folder "
                ~ "with your users, orders, order_items and products or "
                ~ "inventory_items files, or unset it to use the sample."
            ) }}
        {%- endif -%}
        {%- set files = {} -%}
        {%- for table_name, is_required in {
            'users': true, 'orders': true, 'order_items': true,
            'inventory_items': false, 'products': false,
        }.items() -%}
            {%- do files.update({
                table_name: segmentation.check_raw_file(table_name, is_required)
            }) -%}
        {%- endfor -%}
        {%- if not files['inventory_items'] and not files['products'] -%}
            {{ exceptions.raise_compiler_error(
                "Neither inventory_items nor products was found in " ~ path
                ~ segmentation.name_similar_files(
                    ['inventory_items', 'products']
                ) ~ "; add inventory_items or products as .csv or .parquet, "
                ~ "since brands and categories come from them."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
