{%- set checked_tables = {
    'users': ref('thelook_users_checked'),
    'orders': ref('thelook_orders_checked'),
    'order_items': ref('thelook_order_items_checked'),
    'inventory_items': ref('thelook_inventory_items_checked'),
    'products': ref('thelook_products_checked'),
} %}
{% set fates = ['kept', 'no key', 'exact duplicate', 'conflicting duplicate'] %}
{%- set further_fates = {
    'orders': ['orphan', 'no date'], 'order_items': ['orphan', 'bad price'],
} %}

with values_counted as (
    select * from {{ ref('thelook_values_counted') }}
),

oddities_counted as (
    select * from {{ ref('thelook_oddities_counted') }}
),

tables_read as (
    select distinct
        table_name,
        rows_read
    from values_counted
),

fates_counted as (
    {%- for table_name, checked in checked_tables.items() %}
        select
            '{{ table_name }}' as table_name,
            fate,
            count(*) as fate_rows
        from {{ checked }}
        group by fate
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

possible_fates as (
    {%- for table_name in checked_tables %}
        {%- set is_last_table = loop.last %}
        {%- for fate in fates + further_fates.get(table_name, []) %}
            select
                '{{ table_name }}' as table_name,
                '{{ fate }}' as fate,
                '{{ 'rows kept' if fate == 'kept' else fate }}' as check_name,
                '{{ 'kept' if fate == 'kept' else 'dropped' }}' as action
            {{ 'union all' if not (loop.last and is_last_table) }}
        {%- endfor %}
    {%- endfor %}
),

checks as (
    select
        table_name,
        'rows read' as check_name,
        rows_read as check_rows,
        'read' as action
    from tables_read
    union all
    select
        possible_fates.table_name,
        possible_fates.check_name,
        coalesce(fates_counted.fate_rows, 0) as check_rows,
        possible_fates.action
    from possible_fates
    left join fates_counted
        on
            possible_fates.table_name = fates_counted.table_name
            and possible_fates.fate = fates_counted.fate
    union all
    select
        table_name,
        concat('missing value in ', column_name) as check_name,
        rows_read - values_given as check_rows,
        -- What was not sent, or did not arrive or come back, has no such date.
        case
            when column_name in ('shipped_at', 'delivered_at', 'returned_at')
                then 'kept'
            else 'left missing'
        end as action
    from values_counted
    union all
    select
        table_name,
        concat('unreadable value in ', column_name) as check_name,
        values_given - values_read as check_rows,
        'set to missing' as action
    from values_counted
    where kind <> 'text'
    union all
    select
        table_name,
        check_name,
        odd_rows as check_rows,
        action
    from oddities_counted
)

select
    checks.table_name,
    checks.check_name,
    cast(checks.check_rows as bigint) as rows,
    coalesce(
        cast(checks.check_rows as double) / nullif(tables_read.rows_read, 0),
        0.0e0
    ) as share,
    checks.action
from checks
inner join tables_read on checks.table_name = tables_read.table_name
