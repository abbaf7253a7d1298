{% macro row_fates(table_name) -%}
    {%- set fates = [
        'kept', 'no key', 'exact duplicate', 'conflicting duplicate',
    ] -%}
    {%- set further_fates = {
        'orders': ['orphan', 'no date'],
        'order_items': ['orphan', 'bad price'],
    } -%}
    {{ return(fates + further_fates.get(table_name, [])) }}
{%- endmacro %}
