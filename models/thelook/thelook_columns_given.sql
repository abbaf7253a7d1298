{{ config(
    materialized='table',
    post_hook=[
        "{{ segmentation.say('error') }}",
        "{{ segmentation.say('note') }}",
    ],
) }}

{%- set tables = {
    'users': ref('raw_users'),
    'orders': ref('raw_orders'),
    'order_items': ref('raw_order_items'),
    'inventory_items': ref('raw_inventory_items'),
    'products': ref('raw_products'),
} %}
{%- set said = segmentation.setting('raw_formats') %}
{%- set known = [] %}
{%- for table_name in tables %}
    {%- for column, (_, kind, _) in raw_columns(table_name).items()
        if said.get(table_name ~ '.' ~ column) in {
            'number': ['1,234.56', '1.234,56'], 'time': ['d/m/y', 'm/d/y'],
        }.get(kind, []) %}
        {%- do known.append(table_name ~ '.' ~ column) %}
    {%- endfor %}
{%- endfor %}
{%- if said | length > known | length %}
    {%- do segmentation.refuse_setting(
        'raw_formats', said, 'must say 1,234.56 or 1.234,56 of a column of'
        ~ ' numbers, and d/m/y or m/d/y of one of times, as in'
        ~ ' {order_items.sale_price: "1.234,56"}'
    ) %}
{%- endif %}

with
{% for table_name, raw in tables.items() %}
    {{ table_name }}_given as (
        select
            {%- for column, (_, kind, _) in raw_columns(table_name).items()
                if kind != 'text' %}
                {%- set text = 'cast(' ~ column ~ ' as string)' %}
                {%- set is_text = "lower(typeof(" ~ column
                    ~ ")) in ('varchar', 'string')" %}
                count(*) filter (
                    where
                    case
                        when {{ is_text }} and {{ text }} between '+' and '9~'
                            then true
                        when {{ is_text }}
                            then {{ clean_text(column) }} is not null
                        else {{ column }} is not null
                    end
                ) as {{ column }}_given,
                {%- if kind == 'whole number' %}
                min(
                    case
                        when {{ is_text }} and try_cast(
                            {{ text }} as double
                        ) is null then {{ clean_text(column) }}
                    end
                ) as {{ column }}_example,
                {%- elif kind == 'number' %}
                count(*) filter (
                    where
                    {{ is_text }}
                    and cast({{ column }} as string) like '%.%'
                    and cast({{ column }} as string) not like '%.___'
                ) as {{ column }}_pointed,
                {%- endif %}
            {%- endfor %}
            {%- if table_name in ['orders', 'order_items'] %}
            min(upper({{ clean_text('currency') }})) as first_currency,
            max(upper({{ clean_text('currency') }})) as last_currency,
            {%- else %}
            cast(null as string) as first_currency,
            cast(null as string) as last_currency,
            {%- endif %}
            count(*) as rows_read
        from {{ raw }}
    ),
{% endfor %}
given as (
    {%- for table_name in tables %}
        {%- set is_last = loop.last %}
        {%- for column, (_, kind, _) in raw_columns(table_name).items()
            if kind != 'text' %}
        select
            '{{ table_name }}' as table_name,
            '{{ column }}' as column_name,
            '{{ kind }}' as kind,
            {{ "'" ~ said[table_name ~ '.' ~ column] ~ "'"
                if table_name ~ '.' ~ column in said
                else 'cast(null as string)' }} as said_format,
            first_currency,
            last_currency,
            {{ column }}_given as values_given,
            {{ column ~ '_pointed' if kind == 'number' else 0 }} as pointed,
            {{ column ~ '_example' if kind == 'whole number'
                else 'cast(null as string)' }} as example,
            rows_read
        from {{ table_name }}_given
        {{ 'union all' if not (loop.last and is_last) }}
        {%- endfor %}
    {%- endfor %}
),

-- What is not written as by a machine, which is seldom anything.
odd_texts as (
    {%- for table_name, raw in tables.items() %}
        {%- set is_last = loop.last %}
        {%- for column, (_, kind, _) in raw_columns(table_name).items()
            if kind in ['number', 'time'] %}
        {%- set text = 'cast(' ~ column ~ ' as string)' %}
        select
            '{{ table_name }}' as table_name,
            '{{ column }}' as column_name,
            '{{ kind }}' as kind,
            case
                when
                    lower(typeof({{ column }})) in ('varchar', 'string')
                    {%- if kind == 'time' %}
                    and (
                        substr({{ text }}, 5, 1) <> '-'
                        or (
                            upper(right({{ text }}, 1)) between 'A' and 'Y'
                            and {{ text }} not like '% UTC'
                        )
                    )
                    {%- else %}
                    and (
                        try_cast({{ text }} as double) is null
                        or {{ text }} like '%.___'
                        {%- if column == 'sale_price' %}
                        or {{ text }} like '%.____%'
                        {%- endif %}
                    )
                    {%- endif %}
                    then {{ clean_text(column) }}
            end as text
        from {{ raw }}
        {{ 'union all' if not (loop.last and is_last) }}
        {%- endfor %}
    {%- endfor %}
),

odd_values as (
    select
        table_name,
        column_name,
        kind,
        text,
        kind = 'number' and try_cast(text as double) is null as is_no_number,
        count(*) as times
    from odd_texts
    where text is not null
    group by table_name, column_name, kind, text
),

parts as (
    select
        *,
        case
            when is_no_number then {{ number_text('text', false) }}
            when kind = 'number' then text
        end as with_point,
        case when kind = 'number' then {{ number_text('text', true) }} end
            as with_comma,
        case when is_no_number then nullif(
            regexp_extract(text, '\p{Sc}|[A-Z]{2,3}\$?|Rp|kr|zł'), ''
        ) end as currency,
        case when kind = 'time' then regexp_extract(
            text, '^(\d{1,2})([/.-])(\d{1,2})[/.-]\d{2,4}( .*)?$',
            ['first', 'sign', 'second']
        ) end as day,
        case when kind = 'time' then nullif(upper(
            regexp_extract(text, '[0-9] ?([A-Za-z]{1,5})$', 1)
        ), '') end as zone
    from odd_values
),

-- 1.255 is both 1255 and 1.255, 3/4/2024 is two days: these show no format.
shown as (
    select
        *,
        case
            when with_comma is null and with_point is not null
                then '1,234.56'
            when with_point is null and with_comma is not null
                then '1.234,56'
            when cast(nullif(day['first'], '') as int) > 12 or day['sign'] = '.'
                then 'd/m/y'
            when cast(nullif(day['second'], '') as int) > 12 then 'm/d/y'
        end as format,
        day['sign'] <> '' as is_day
    from parts
),

counted as (
    select
        table_name,
        column_name,
        sum(times) filter (where format = '1,234.56') as pointed,
        sum(times) filter (where format = '1.234,56') as commaed,
        sum(times) filter (where with_point <> with_comma) as unclear_numbers,
        sum(times) filter (where is_no_number and text like '%.%'
            and text not like '%.___') as not_pointed,
        sum(times) filter (where is_no_number and with_point is not null)
            as read_with_point,
        sum(times) filter (where with_comma <> text) as read_with_comma,
        sum(times) filter (where currency is not null) as with_currency,
        sum(times) filter (where with_point is null and with_comma is null
            and kind = 'number') as unreadable,
        min(currency) as first_sign,
        max(currency) as last_sign,
        sum(times) filter (
            where try_cast(with_point as decimal(18, 4))
            <> try_cast(with_point as decimal(18, 2))
        ) as rounded,
        sum(times) filter (where format = 'd/m/y') as day_first,
        sum(times) filter (where format = 'm/d/y') as month_first,
        sum(times) filter (where is_day) as days,
        min(zone) filter (where zone not in ('AM', 'PM', 'Z', 'UTC', 'GMT',
            'WET', 'CET', 'MET', 'EET', 'EST', 'MST', 'PST', 'HST', 'JST'))
            as unclear_zone,
        min(text) filter (where is_no_number or is_day or zone <> '')
            as odd_example,
        min(text) filter (where with_point <> with_comma or is_day)
            as unclear_example,
        min(text) filter (where is_no_number and with_point is null)
            as no_pointed,
        min(text) filter (where is_no_number and with_comma is null)
            as no_commaed,
        min(text) filter (
            where kind = 'time'
            and is_day is not true
            and text not like '____-%'
        ) as other_example
    from shown
    group by table_name, column_name
),

weighed as (
    select
        given.*,
        coalesce(counted.unclear_numbers, 0) as unclear_numbers,
        counted.read_with_point,
        counted.read_with_comma,
        coalesce(counted.with_currency, 0) as with_currency,
        given.values_given - coalesce(counted.unreadable, 0) as amounts,
        counted.first_sign,
        counted.last_sign,
        counted.rounded,
        coalesce(counted.day_first, 0) as day_first,
        coalesce(counted.month_first, 0) as month_first,
        coalesce(counted.days, 0) as days,
        counted.unclear_zone,
        counted.odd_example,
        counted.unclear_example,
        counted.no_pointed,
        counted.no_commaed,
        coalesce(given.example, counted.other_example) as other_example,
        coalesce(counted.pointed, 0) + given.pointed
        - coalesce(counted.not_pointed, 0) as points,
        coalesce(counted.commaed, 0) as commas,
        concat(given.table_name, '.', given.column_name) as named
    from given
    left join counted
        on
            given.table_name = counted.table_name
            and given.column_name = counted.column_name
),

-- One value in twenty may be a slip; more are another way of writing.
decided as (
    select
        *,
        case
            when said_format is not null then said_format
            when commas > 0 and points <= 0.05e0 * (commas + points)
                then '1.234,56'
            when points > 0 and commas <= 0.05e0 * (commas + points)
                then '1,234.56'
            when day_first > 0
                and month_first <= 0.05e0 * (day_first + month_first)
                then 'd/m/y'
            when month_first > 0
                and day_first <= 0.05e0 * (day_first + month_first)
                then 'm/d/y'
        end as value_format,
        concat(
            '; correct that column, or say how it is written with --vars',
            ' ''{raw_formats: {', named, ': "'
        ) as remedy
    from weighed
)

select
    table_name,
    column_name,
    kind,
    rows_read,
    values_given,
    value_format,
    coalesce(rounded, 0) as values_rounded,
    case
        when kind = 'time' then coalesce(days, 0)
        when value_format = '1.234,56' then coalesce(read_with_comma, 0)
        else coalesce(read_with_point, 0)
    end as values_translated,
    case
        when value_format = '1.234,56' then coalesce(no_commaed, other_example)
        else coalesce(no_pointed, other_example)
    end as unreadable_example,
    case
        when unclear_zone is not null then concat(
            named, ' names the zone ', unclear_zone, ' (for example ''',
            odd_example, '''), which is the time of more than one place, or ',
            'of none that is known; write an offset as +01:00 or a name as ',
            'Europe/Berlin in its place.'
        )
        when column_name = 'order_id' and first_currency <> last_currency
            then concat(
                table_name, '.currency names ', first_currency, ' and ',
                last_currency, ', but amounts are added up as they are; ',
                'convert them to one currency.'
            )
        when first_sign <> last_sign then concat(
            named, ' has amounts in ', first_sign, ' and in ', last_sign,
            '; convert them to one currency.'
        )
        when value_format is not null and said_format is not null then null
        when with_currency between 1 and amounts - 1 then concat(
            named, ' has ', first_sign, ' in ',
            cast(with_currency as string), ' of ',
            cast(amounts as string), ' values and no currency in the ',
            'others', remedy, '1,234.56"}}'' if all are of one currency.'
        )
        when value_format is null and points > 0 then concat(
            named, ' has points for decimals in some values and commas in ',
            'others (for example ''', odd_example, ''')', remedy,
            '1,234.56"}}'' or "1.234,56".'
        )
        when value_format is null and day_first > 0 then concat(
            named, ' has the day first in some dates and the month in others',
            ' (for example ''', odd_example, ''')', remedy,
            'd/m/y"}}'' or "m/d/y".'
        )
        when value_format is null and unclear_numbers > 0 then concat(
            named, ' may have thousands or three decimals (for example ''',
            unclear_example, ''')', remedy, '1,234.56"}}'' or "1.234,56".'
        )
        when value_format is null and days > 0 then concat(
            named, ' may have the day or the month first (for example ''',
            unclear_example, ''')', remedy, 'd/m/y"}}'' or "m/d/y".'
        )
    end as error,
    case
        when value_format is not null and odd_example is not null then concat(
            named, ' is read as ', value_format, ' (for example ''',
            odd_example, ''').'
        )
    end as note
from decided
