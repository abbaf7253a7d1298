{#- Everything that can be known to be wrong before the first model runs. -#}
{% macro validate_settings() -%}
    {%- do segmentation.refuse_unusable_warehouse() -%}
    {%- do segmentation.check_all_settings() -%}
    {%- do segmentation.validate_raw_files() -%}
{%- endmacro %}
