-- The shop's customers, orders and order items are as many as the rows kept:
-- nothing is lost or multiplied between the checks and the shop contract.
{{ config(enabled=var('shop_orders') == 'thelook_orders') }}

with rows_kept as (
    select
        table_name,
        rows as kept
    from {{ ref('thelook_data_quality') }}
    where check_name = 'rows kept'
),

shop_rows as (
    select
        'users' as table_name,
        count(*) as shop_rows
    from {{ ref('shop_customers') }}
    union all
    select
        'orders' as table_name,
        count(*) as shop_rows
    from {{ ref('shop_orders') }}
    union all
    select
        'order_items' as table_name,
        count(*) as shop_rows
    from {{ ref('shop_order_items') }}
)

select
    rows_kept.table_name,
    rows_kept.kept,
    shop_rows.shop_rows
from rows_kept
inner join shop_rows on rows_kept.table_name = shop_rows.table_name
where rows_kept.kept <> shop_rows.shop_rows
