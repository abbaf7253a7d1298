-- No price in the shop is above the var max_sale_price, nor below 0 by more; no
-- cost is negative or above it, no age outside 0 to 120.
with shop_order_items as (
    select
        'sale_price' as column_name,
        cast(order_item_id as string) as row_key
    from {{ ref('shop_order_items') }}
    where abs(sale_price) > {{ setting('max_sale_price') }}
),

shop_order_item_costs as (
    select
        'cost' as column_name,
        cast(order_item_id as string) as row_key
    from {{ ref('shop_order_items') }}
    where cost < 0 or cost > {{ setting('max_sale_price') }}
),

shop_customers as (
    select
        'age' as column_name,
        cast(customer_id as string) as row_key
    from {{ ref('shop_customers') }}
    where age < 0 or age > 120
)

select * from shop_order_items
union all
select * from shop_order_item_costs
union all
select * from shop_customers
