{% macro raw_tables() -%}
    {{ return([
        'users', 'orders', 'order_items', 'inventory_items', 'products',
    ]) }}
{%- endmacro %}
