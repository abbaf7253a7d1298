{#- Everything that can be known to be wrong before the first model runs. -#}
{% macro validate_settings() -%}
    {%- do validate_raw_files() -%}
    {%- do check_recipes() -%}
    {%- do basket_settings() -%}
{%- endmacro %}
