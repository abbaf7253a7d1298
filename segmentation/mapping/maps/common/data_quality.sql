-- What was read, kept and dropped, in lines and money. Named by data_quality.
{{ config(
    materialized='table',
    post_hook="{{ segmentation.say('error') }}",
) }}

{%- set fates = ['kept', 'no key', 'without customer', 'no date', 'bad price'] %}

with checked as (
    select * from {{ ref('${name}_checked') }}
),

all_lines as (
    select
        count(*) as lines,
        sum(sale_price) as money,
        min(currency) as currency,
        max(currency) as other_currency
    from checked
),

fates as (
    select
        fate,
        count(*) as lines,
        case when fate <> 'bad price' then sum(sale_price) end as money,
        min(coalesce(order_id, order_item_id)) as example
    from checked
    group by fate
),

statuses as (
    select
        count(*) as lines,
        min(status) as example
    from checked
    where fate = 'kept' and is_status_unknown
),

checks as (
    select
        'rows read' as check_name,
        lines,
        'read' as action,
        money,
        null as example
    from all_lines
    {%- for fate in fates %}
    union all
    select
        '{{ 'rows kept' if fate == 'kept' else fate }}' as check_name,
        coalesce(max(lines), 0) as lines,
        '{{ 'kept' if fate == 'kept' else 'dropped' }}' as action,
        max(money) as money,
        {{ 'null' if fate == 'kept' else 'max(example)' }} as example
    from fates
    where fate = '{{ fate }}'
    {%- endfor %}
    union all
    select
        'unknown status' as check_name,
        lines,
        'kept' as action,
        null as money,
        example
    from statuses
)

select
    '$table' as table_name,
    checks.check_name,
    cast(checks.lines as bigint) as rows,
    coalesce(checks.lines / nullif(1.0e0 * all_lines.lines, 0), 0.0e0)
        as share,
    checks.action,
    cast(checks.money as decimal(18, 2)) as money,
    checks.example,
    case
        when checks.check_name <> 'rows kept' then null
        when all_lines.currency < all_lines.other_currency then concat(
            '$table has amounts in ', all_lines.currency, ' and ',
            all_lines.other_currency, ', but they are added up as they are; ',
            'convert them to one currency in ${name}_lines.'
        )
        when checks.lines = 0 then concat(
            'No line of $table can be used: look at fate in ${name}_checked, ',
            'and correct ${name}_lines.'
        )
    end as error
from checks
cross join all_lines
