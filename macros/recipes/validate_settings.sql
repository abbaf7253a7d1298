{#- Everything that can be known to be wrong before the first model runs. -#}
{% macro validate_settings() -%}
    {%- do segmentation.check_plain_settings() -%}
    {%- do segmentation.validate_raw_files() -%}
    {%- do segmentation.check_recipes() -%}
    {%- do segmentation.basket_settings() -%}
    {%- do segmentation.as_of_setting() -%}
{%- endmacro %}
