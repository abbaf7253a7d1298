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
)

select
    table_name,
    check_name,
    rows,
    share,
    action,
    money
from checks
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
