-- Read three times, and two joins each time.
{{ config(materialized='table') }}

with order_items as (
    select * from {{ ref('thelook_order_items_checked') }}
    where fate = 'kept'
),

inventory_items as (
    select * from {{ ref('thelook_inventory_items_checked') }}
    where fate = 'kept'
),

products as (
    select * from {{ ref('thelook_products_checked') }}
    where fate = 'kept'
),

stocked as (
    select
        order_items.order_item_id,
        order_items.order_id,
        order_items.order_user_id as customer_id,
        coalesce(order_items.product_id, inventory_items.product_id)
            as product_id,
        coalesce(order_items.status, order_items.order_status) as status,
        order_items.ordered_at,
        order_items.delivered_at,
        order_items.returned_at,
        order_items.sale_price,
        {{ plausible_money('inventory_items.cost') }} as cost,
        inventory_items.brand,
        inventory_items.category
    from order_items
    left join inventory_items
        on order_items.inventory_item_id = inventory_items.inventory_item_id
)

select
    stocked.order_item_id,
    stocked.order_id,
    stocked.customer_id,
    stocked.product_id,
    stocked.status,
    coalesce(lower(stocked.status) in ('cancelled', 'canceled'), false)
        as is_cancelled,
    coalesce(lower(stocked.status) = 'returned', false) as is_returned,
    lower(stocked.status) in ('complete', 'returned') as is_delivered,
    stocked.ordered_at,
    stocked.delivered_at,
    stocked.returned_at,
    stocked.sale_price,
    coalesce(stocked.cost, {{ plausible_money('products.cost') }}) as cost,
    coalesce(stocked.brand, products.brand) as brand,
    coalesce(stocked.category, products.category) as category
from stocked
left join products on stocked.product_id = products.product_id
