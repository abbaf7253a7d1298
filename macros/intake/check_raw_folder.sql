{% macro check_raw_folder() -%}
    {%- set folder = segmentation.quoted_path(segmentation.raw_path()) -%}
    {%- set files = run_query(
        "select file from glob(" ~ folder ~ " || '/*') limit 1"
    ) -%}
    {%- if not files.rows and run_query("select file from glob(" ~ folder ~ ")").rows -%}
        {{ exceptions.raise_compiler_error(
            "SEGMENTATION_RAW_PATH names " ~ segmentation.raw_path() ~ ", which is a file; "
            ~ "name the folder that holds it and the other tables."
        ) }}
    {%- elif not files.rows -%}
        {{ exceptions.raise_compiler_error(
            "The folder " ~ segmentation.raw_path() ~ " that SEGMENTATION_RAW_PATH names is "
            ~ "missing or empty; set SEGMENTATION_RAW_PATH to the folder with your "
            ~ "users, orders, order_items and products or inventory_items files, "
            ~ "or unset it to use the sample."
        ) }}
    {%- endif -%}
{%- endmacro %}
