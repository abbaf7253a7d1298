-- Read three times, and the oddities are counted in every order and item.
{{ config(materialized='table') }}

{%- set checked_tables = {
    'users': ref('thelook_users_checked'),
    'orders': ref('thelook_orders_checked'),
    'order_items': ref('thelook_order_items_checked'),
    'inventory_items': ref('thelook_inventory_items_checked'),
    'products': ref('thelook_products_checked'),
} %}
{% set fates = ['kept', 'no key', 'exact duplicate', 'conflicting duplicate'] %}
{%- set further_fates = {
    'orders': ['without customer', 'orphan', 'no date'],
    'order_items': [
        'orphan', 'order dropped', 'of another customer', 'bad price',
    ],
} %}
{#- What shows why a row was dropped, where it was read. #}
{%- set shown = {
    'orders': {'orphan': 'user_id'},
    'order_items': {
        'orphan': 'order_id',
        'order dropped': 'order_id',
        'of another customer': 'order_id',
        'bad price': 'sale_price',
    },
} %}
{#- Where it could not be read, a value of this column does. #}
{%- set not_read = {
    'orders': {
        'no key': 'order_id',
        'without customer': 'user_id',
        'no date': 'created_at',
    },
    'order_items': {'no key': 'id', 'bad price': 'sale_price'},
    'users': {'no key': 'id'},
    'inventory_items': {'no key': 'id'},
    'products': {'no key': 'id'},
} %}

with values_counted as (
    select * from {{ ref('thelook_values_counted') }}
),

oddities_counted as (
    select * from {{ ref('thelook_oddities_counted') }}
),

tables_read as (
    select
        table_name,
        max(rows_read) as rows_read
    from values_counted
    group by table_name
),

fates as (
    {%- for table_name, checked in checked_tables.items() %}
        select
            '{{ table_name }}' as table_name,
            fate,
            count(*) as fate_rows,
            {{ 'sum(sale_price)' if table_name == 'order_items'
                else 'cast(null as decimal(38, 2))' }} as money,
            max(
                case fate
                    {%- for check, seen in shown.get(table_name, {}).items() %}
                        when '{{ check }}' then cast({{ seen }} as string)
                    {%- else %} when '' then ''
                    {%- endfor %}
                end
            ) as example
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
                '{{ 'kept' if fate == 'kept' else 'dropped' }}' as action,
                '{{ not_read[table_name].get(fate, '') }}' as column_name
            {{ 'union all' if not (loop.last and is_last_table) }}
        {%- endfor %}
    {%- endfor %}
),

-- What a slip in a price comes to was never spent. Many are no slips.
fates_counted as (
    select
        fates.table_name,
        fates.fate,
        fates.fate_rows,
        fates.example,
        case
            when
                fates.fate <> 'bad price'
                or fates.fate_rows > tables_read.rows_read
                * {{ segmentation.setting('warn_dropped') }}
                then fates.money
        end as money
    from fates
    inner join tables_read on fates.table_name = tables_read.table_name
),

money_read as (
    select
        table_name,
        sum(money) as money
    from fates_counted
    group by table_name
),

checks as (
    select
        tables_read.table_name,
        'rows read' as check_name,
        tables_read.rows_read as check_rows,
        'read' as action,
        money_read.money,
        cast(null as string) as example
    from tables_read
    left join money_read on tables_read.table_name = money_read.table_name
    union all
    select
        possible_fates.table_name,
        possible_fates.check_name,
        coalesce(fates_counted.fate_rows, 0) as check_rows,
        possible_fates.action,
        fates_counted.money,
        coalesce(values_counted.unreadable_example, fates_counted.example)
            as example
    from possible_fates
    left join fates_counted
        on
            possible_fates.table_name = fates_counted.table_name
            and possible_fates.fate = fates_counted.fate
    left join values_counted
        on
            possible_fates.table_name = values_counted.table_name
            and possible_fates.column_name = values_counted.column_name
    union all
    select
        table_name,
        concat('missing value in ', column_name) as check_name,
        rows_read - values_given as check_rows,
        -- What was not sent, or did not arrive or come back, has no such date;
        -- one piece has no quantity.
        case
            when column_name in (
                'shipped_at', 'delivered_at', 'returned_at', 'quantity',
                'refunded_amount', 'currency'
            ) then 'kept'
            else 'left missing'
        end as action,
        cast(null as decimal(38, 2)) as money,
        cast(null as string) as example
    from values_counted
    union all
    select
        table_name,
        concat('unreadable value in ', column_name) as check_name,
        values_given - values_read as check_rows,
        'set to missing' as action,
        cast(null as decimal(38, 2)) as money,
        unreadable_example as example
    from values_counted
    where kind <> 'text'
    union all
    select
        table_name,
        concat('value of another format in ', column_name) as check_name,
        values_translated as check_rows,
        'kept' as action,
        cast(null as decimal(38, 2)) as money,
        cast(null as string) as example
    from values_counted
    where kind in ('number', 'time')
    union all
    select
        table_name,
        'price finer than a cent' as check_name,
        values_rounded as check_rows,
        'rounded' as action,
        cast(null as decimal(38, 2)) as money,
        cast(null as string) as example
    from values_counted
    where column_name = 'sale_price'
    union all
    select
        table_name,
        check_name,
        odd_rows as check_rows,
        action,
        cast(null as decimal(38, 2)) as money,
        example
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
    checks.action,
    try_cast(checks.money as decimal(18, 2)) as money,
    checks.example
from checks
inner join tables_read on checks.table_name = tables_read.table_name
