{% macro is_known_status(column) -%}
    lower({{ column }}) in (
        'processing', 'shipped', 'complete', 'cancelled', 'canceled', 'returned'
    )
{%- endmacro %}
