{#- A number without a value, or the text that stands for none. -#}
{% macro is_missing(value, kind) -%}
{{ value }}{{ " is null" if kind == 'number' else " = '(missing)'" }}
{%- endmacro %}
