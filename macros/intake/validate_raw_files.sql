{% macro validate_raw_files() -%}
    {%- if execute and segmentation.raw_path() -%}
        {%- set files = {} -%}
        {%- do segmentation.check_raw_folder() -%}
        {%- for table_name in segmentation.raw_tables() -%}
            {%- do files.update({table_name: segmentation.check_raw_file(table_name)}) -%}
        {%- endfor -%}
        {%- if not files['inventory_items'] and not files['products'] -%}
            {{ exceptions.raise_compiler_error(
                "Neither inventory_items nor products was found in "
                ~ segmentation.raw_path()
                ~ segmentation.name_similar_files(['inventory_items', 'products'])
                ~ "; add inventory_items or products as .csv or "
                ~ ".parquet, since brands and categories come from them."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
