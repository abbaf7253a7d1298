-- Read three times, and two joins each time.
{{ config(materialized='table') }}

{%- set plain = "replace(replace(lower(%s), '_', ' '), '-', ' ')" %}

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

statuses as (
    select * from {{ ref('thelook_statuses') }}
),

-- A status that says nothing does not overrule its order's.
stocked as (
    select
        order_items.order_item_id,
        order_items.order_id,
        order_items.order_user_id as customer_id,
        coalesce(order_items.product_id, inventory_items.product_id)
            as product_id,
        coalesce(order_items.status, order_items.order_status) as status,
        coalesce(of_item.meaning, of_order.meaning) as meaning,
        case
            when order_items.status is null and order_items.order_status is null
                then true
            when order_items.status is null then of_order.meaning is not null
            else of_item.meaning is not null
        end as is_status_known,
        order_items.ordered_at,
        order_items.delivered_at,
        order_items.returned_at,
        order_items.quantity,
        order_items.sale_price,
        {{ plausible_money('abs(order_items.refunded_amount)') }}
            as refunded_amount,
        order_items.currency,
        {{ plausible_money('inventory_items.cost') }} as cost,
        inventory_items.brand,
        inventory_items.category
    from order_items
    left join inventory_items
        on order_items.inventory_item_id = inventory_items.inventory_item_id
    left join statuses as of_item
        on {{ plain % 'order_items.status' }} = of_item.status
    left join statuses as of_order
        on {{ plain % 'order_items.order_status' }} = of_order.status
)

-- A cost is of one piece.
select
    stocked.order_item_id,
    stocked.order_id,
    stocked.customer_id,
    stocked.product_id,
    stocked.status,
    stocked.is_status_known,
    coalesce(stocked.meaning = 'cancelled', false) as is_cancelled,
    coalesce(stocked.meaning = 'returned', false) as is_returned,
    case
        when stocked.meaning in ('delivered', 'returned') then true
    end as is_delivered,
    stocked.ordered_at,
    stocked.delivered_at,
    stocked.returned_at,
    stocked.quantity,
    stocked.sale_price,
    stocked.refunded_amount,
    stocked.currency,
    cast(
        coalesce(stocked.cost, {{ plausible_money('products.cost') }})
        * abs(coalesce(stocked.quantity, 1)) as decimal(18, 4)
    ) as cost,
    coalesce(stocked.brand, products.brand) as brand,
    coalesce(stocked.category, products.category) as category
from stocked
left join products on stocked.product_id = products.product_id
