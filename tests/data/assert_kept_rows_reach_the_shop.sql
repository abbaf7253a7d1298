-- The shop's customers, orders and order items are as many as the rows kept:
-- nothing is lost or multiplied between the checks and the input contract.
with fates_counted as (
    select * from {{ ref('int_thelook_fates_counted') }}
    where fate = 'kept'
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
    fates_counted.table_name,
    fates_counted.fate_rows,
    shop_rows.shop_rows
from fates_counted
inner join shop_rows on fates_counted.table_name = shop_rows.table_name
where fates_counted.fate_rows <> shop_rows.shop_rows
