{% macro raw_path() -%}
    {%- set path = env_var('SEGMENTATION_RAW_PATH', '') -%}
    {{ return(path.rstrip('/') or path[:1]) }}
{%- endmacro %}
