{{ config(materialized='table', post_hook="{{ segmentation.say('error') }}") }}

{%- set tables = {
    'users': ref('thelook_users_checked'),
    'orders': ref('thelook_orders_checked'),
    'order_items': ref('thelook_order_items_checked'),
    'inventory_items': ref('thelook_inventory_items_checked'),
    'products': ref('thelook_products_checked'),
} %}

with given as (
    select * from {{ ref('thelook_columns_given') }}
),

{% for table_name, checked in tables.items() %}
    {{ table_name }}_read as (
        select
        {%- for read_name, _, _ in raw_columns(table_name).values() %}
            count({{ read_name }}) as {{ read_name }},
        {%- endfor %}
            count(*) as rows_read
        from {{ checked }}
    ),
{% endfor %}

read_values as (
{%- for table_name in tables %}
    {%- set is_last = loop.last %}
    {%- for column, (read_name, kind, is_required)
        in raw_columns(table_name).items() %}
        select
            '{{ table_name }}' as table_name,
            '{{ column }}' as column_name,
            '{{ kind }}' as kind,
            {{ is_required | lower }} as is_required,
            rows_read,
            {{ read_name }} as values_read
        from {{ table_name }}_read
        {{ 'union all' if not (loop.last and is_last) }}
    {%- endfor %}
{%- endfor %}
)

-- A text is given when it is read as one.
select
    read_values.table_name,
    read_values.column_name,
    read_values.kind,
    read_values.is_required,
    read_values.rows_read,
    coalesce(given.values_given, read_values.values_read) as values_given,
    read_values.values_read,
    coalesce(given.values_translated, 0) as values_translated,
    coalesce(given.values_rounded, 0) as values_rounded,
    given.unreadable_example,
    case
        when
            read_values.is_required
            and read_values.rows_read > 0
            and read_values.values_read = 0
            then concat(
                'No value of the required column ', read_values.table_name,
                '.', read_values.column_name, ' is a ', read_values.kind, ' (',
                coalesce(
                    concat('for example ''', given.unreadable_example, ''''),
                    'it is empty in every row'
                ),
                '); correct that column in the source.'
            )
    end as error
from read_values
left join given
    on
        read_values.table_name = given.table_name
        and read_values.column_name = given.column_name
