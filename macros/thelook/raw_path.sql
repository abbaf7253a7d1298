{#- The folder SEGMENTATION_RAW_PATH names, without a slash at its end unless it
    is all there is; empty when the embedded sample is used. -#}
{% macro raw_path() -%}
    {%- set path = env_var('SEGMENTATION_RAW_PATH', '') -%}
    {{ return(path.rstrip('/') or path[:1]) }}
{%- endmacro %}
