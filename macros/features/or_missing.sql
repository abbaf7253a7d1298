{% macro or_missing(column) %}
    coalesce({{ column }}, '(missing)')
{%- endmacro %}
