{% macro raw_path() -%}
    {{ return(env_var('SEGMENTATION_RAW_PATH', '').rstrip('/')) }}
{%- endmacro %}
