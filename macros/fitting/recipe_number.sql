{#- A whole number among the settings of a recipe that is stored as JSON. -#}
{% macro recipe_number(recipe, setting) -%}
cast(
        nullif(
            regexp_extract({{ recipe }}, '"{{ setting }}": ([0-9]+)', 1), ''
        ) as bigint
    )
{%- endmacro %}
