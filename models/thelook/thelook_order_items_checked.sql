{{ config(materialized='table') }}

with order_items as (
    select
        {{ to_integer('id') }} as order_item_id,
        {{ to_integer('order_id') }} as order_id,
        {{ to_integer('product_id') }} as product_id,
        {{ to_integer('inventory_item_id') }} as inventory_item_id,
        {{ clean_text('status') }} as status,
        {{ to_utc_timestamp('created_at') }} as created_at,
        {{ to_utc_timestamp('shipped_at') }} as shipped_at,
        {{ to_utc_timestamp('delivered_at') }} as delivered_at,
        {{ to_utc_timestamp('returned_at') }} as returned_at,
        {{ to_money('sale_price') }} as sale_price
    from {{ ref('raw_order_items') }}
),

kept_orders as (
    select
        order_id,
        user_id,
        status,
        created_at
    from {{ ref('thelook_orders_checked') }}
    where fate = 'kept'
),

{{ rank_repeated_rows(
    'order_items',
    key='order_item_id',
    columns=[
        'order_item_id', 'order_id', 'product_id', 'inventory_item_id',
        'status', 'created_at', 'shipped_at', 'delivered_at', 'returned_at',
        'sale_price',
    ],
    best_first=(
        'case when ' ~ plausible_money('sale_price')
        ~ ' is null then 1 else 0 end, created_at desc nulls last'
    ),
) }}

select
    ranked_rows.order_item_id,
    ranked_rows.order_id,
    ranked_rows.product_id,
    ranked_rows.inventory_item_id,
    ranked_rows.status,
    ranked_rows.created_at,
    ranked_rows.shipped_at,
    ranked_rows.delivered_at,
    ranked_rows.returned_at,
    ranked_rows.sale_price,
    kept_orders.user_id as order_user_id,
    kept_orders.status as order_status,
    kept_orders.created_at as ordered_at,
    case
        when ranked_rows.order_item_id is null then 'no key'
        when ranked_rows.copy_number > 1 then 'exact duplicate'
        when ranked_rows.version_number > 1 then 'conflicting duplicate'
        when kept_orders.order_id is null then 'orphan'
        when {{ plausible_money('ranked_rows.sale_price') }} is null
            then 'bad price'
        else 'kept'
    end as fate
from ranked_rows
left join kept_orders on ranked_rows.order_id = kept_orders.order_id
