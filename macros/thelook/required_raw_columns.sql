{% macro required_raw_columns(table_name) -%}
    {%- set required = {
        'users': ['id'],
        'orders': ['order_id', 'user_id', 'created_at'],
        'order_items': ['id', 'order_id', 'sale_price'],
        'inventory_items': ['id'],
        'products': ['id'],
    } -%}
    {{ return(required[table_name]) }}
{%- endmacro %}
