{% macro raw_columns(table_name) -%}
    {%- set columns = {
        'users': {
            'id': ['user_id', 'whole number'],
            'age': ['age', 'whole number'],
            'gender': ['gender', 'text'],
            'country': ['country', 'text'],
            'traffic_source': ['traffic_source', 'text'],
            'created_at': ['created_at', 'time'],
        },
        'orders': {
            'order_id': ['order_id', 'whole number'],
            'user_id': ['user_id', 'whole number'],
            'status': ['status', 'text'],
            'created_at': ['created_at', 'time'],
        },
        'order_items': {
            'id': ['order_item_id', 'whole number'],
            'order_id': ['order_id', 'whole number'],
            'product_id': ['product_id', 'whole number'],
            'inventory_item_id': ['inventory_item_id', 'whole number'],
            'status': ['status', 'text'],
            'created_at': ['created_at', 'time'],
            'shipped_at': ['shipped_at', 'time'],
            'delivered_at': ['delivered_at', 'time'],
            'returned_at': ['returned_at', 'time'],
            'sale_price': ['sale_price', 'number'],
        },
        'inventory_items': {
            'id': ['inventory_item_id', 'whole number'],
            'product_id': ['product_id', 'whole number'],
            'cost': ['cost', 'number'],
            'product_category': ['category', 'text'],
            'product_name': ['name', 'text'],
            'product_brand': ['brand', 'text'],
            'product_retail_price': ['retail_price', 'number'],
            'product_department': ['department', 'text'],
        },
        'products': {
            'id': ['product_id', 'whole number'],
            'cost': ['cost', 'number'],
            'category': ['category', 'text'],
            'name': ['name', 'text'],
            'brand': ['brand', 'text'],
            'retail_price': ['retail_price', 'number'],
            'department': ['department', 'text'],
        },
    } -%}
    {{ return(columns[table_name]) }}
{%- endmacro %}
