{{ config(materialized='table') }}

{%- set tables = {
    'users': [ref('raw_users'), ref('thelook_users_checked')],
    'orders': [ref('raw_orders'), ref('thelook_orders_checked')],
    'order_items': [
        ref('raw_order_items'), ref('thelook_order_items_checked'),
    ],
    'inventory_items': [
        ref('raw_inventory_items'), ref('thelook_inventory_items_checked'),
    ],
    'products': [ref('raw_products'), ref('thelook_products_checked')],
} %}

-- A text is given when it is read as one.
with
{%- for table_name, (raw, checked) in tables.items() %}
    {%- set columns = raw_columns(table_name) %}
    {{ table_name }}_given as (
        select
            {%- for column, (read_name, kind) in columns.items()
                if kind != 'text' %}
                {%- set is_text = "lower(typeof(" ~ column
                    ~ ")) in ('varchar', 'string')" %}
                count(*) filter (
                    where
                    case
                        when {{ is_text }}
                            then {{ clean_text(column) }} is not null
                        else {{ column }} is not null
                    end
                ) as {{ read_name }},
            {%- endfor %}
            count(*) as rows_read
        from {{ raw }}
    ),

    {{ table_name }}_read as (
        select
        {%- for read_name, kind in columns.values() %}
                count({{ read_name }}) as {{ read_name }}
                {{- ',' if not loop.last }}
        {%- endfor %}
        from {{ checked }}
    )
    {{- ',' if not loop.last }}
{% endfor %}

{%- for table_name in tables %}
    {%- set is_last_table = loop.last %}
    {%- set required = required_raw_columns(table_name) %}
    {%- for column, (read_name, kind) in raw_columns(table_name).items() %}
        {%- set source = table_name ~ '_read' if kind == 'text' else 'given' %}
        select
            '{{ table_name }}' as table_name,
            '{{ column }}' as column_name,
            '{{ kind }}' as kind,
            {{ (column in required) | lower }} as is_required,
            given.rows_read,
            {{ source }}.{{ read_name }} as values_given,
            {{ table_name }}_read.{{ read_name }} as values_read
        from {{ table_name }}_given as given
        cross join {{ table_name }}_read
        {{ 'union all' if not (loop.last and is_last_table) }}
    {%- endfor %}
{%- endfor %}
