{{ config(enabled=segmentation.has_shop()) }}
{#- The tests of the shop judge what is published, whoever reads its tables. #}
{%- if not execute %}
    {%- set judged = [
        ref('shop_customers'),
        ref('shop_orders'),
        ref('shop_order_items'),
        ref('shop_products'),
    ] %}
{%- endif %}
{%- set is_thelook = segmentation.setting('shop_orders') == 'thelook_orders' %}

with checks as (
    select * from {{ ref('shop_checks') }}
),

credit_notes as (
    select
        count(*) as notes,
        coalesce(sum(credit_notes.amount), 0) as amount
    from {{ ref('credit_notes') }} as credit_notes
    inner join {{ ref('as_of') }} as as_of
        on cast(credit_notes.ordered_at as date) <= as_of.as_of_date
),

taken_off as (
    select coalesce(sum(refunded_amount), 0) as amount
    from {{ ref('refunds') }}
    where days_back = 0
),

order_items as (
    select count(*) as lines from {{ ref('shop_order_items') }}
)

select
    table_name,
    check_name,
    rows,
    share,
    action,
    money
from checks
union all
select
    'shop_order_items' as table_name,
    'credit note' as check_name,
    cast(credit_notes.notes as bigint) as rows,
    credit_notes.notes / (1.0e0 * order_items.lines) as share,
    'kept' as action,
    cast(credit_notes.amount as decimal(18, 2)) as money
from credit_notes
cross join order_items
where credit_notes.notes > 0
union all
select
    'shop_order_items' as table_name,
    'credit beyond what was bought' as check_name,
    cast(0 as bigint) as rows,
    cast(0 as double) as share,
    'dropped' as action,
    cast(credit_notes.amount - taken_off.amount as decimal(18, 2)) as money
from credit_notes
cross join taken_off
where credit_notes.amount > taken_off.amount
{%- if is_thelook %}
union all
select
    'orders' as table_name,
    'order after the last usual day' as check_name,
    cast(newest_day.orders_after as bigint) as rows,
    newest_day.orders_after / (1.0e0 * checks.rows) as share,
    'kept' as action,
    cast(null as decimal(18, 2)) as money
from {{ ref('newest_day') }} as newest_day
cross join checks
where checks.table_name = 'orders' and checks.check_name = 'rows read'
{%- endif %}
