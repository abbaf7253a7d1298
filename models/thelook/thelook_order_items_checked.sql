-- noqa: disable=ST03
{{ config(materialized='table') }}
{% set is_typed = segmentation.is_typed('order_items') %}

-- Read by the macros to_money and to_utc_timestamp.
with formats as (
    select
        column_name,
        value_format
    from {{ ref('thelook_columns_given') }}
    where table_name = 'order_items'
),

-- A price is of one piece where there is a quantity.
order_items as {% if is_typed %}not materialized {% endif %}(
    select
        {{ to_integer('id') }} as order_item_id,
        {{ to_integer('order_id') }} as order_number,
        nullif({{ to_integer('user_id') }}, 0) as user_id,
        {{ to_integer('product_id') }} as product_id,
        {{ to_integer('inventory_item_id') }} as inventory_item_id,
        {{ clean_text('status') }} as status,
        {{ to_utc_timestamp('created_at') }} as created_at,
        {{ to_utc_timestamp('shipped_at') }} as shipped_at,
        {{ to_utc_timestamp('delivered_at') }} as delivered_at,
        {{ to_utc_timestamp('returned_at') }} as returned_at,
        case
            when {{ clean_text('quantity') }} is null
                then {{ to_money('sale_price') }}
            else cast(
                {{ to_money('sale_price', 6) }} * {{ to_money('quantity', 3) }}
                as decimal(18, 2)
            )
        end as sale_price,
        {{ to_money('quantity', 3) }} as quantity,
        {{ to_money('refunded_amount') }} as refunded_amount,
        {{ clean_text('currency') }} as currency
    from {{ ref('raw_order_items') }}
),

known_orders as (
    select
        order_id,
        order_number,
        is_number_reused,
        user_id,
        status,
        created_at,
        fate = 'kept' as is_kept
    from {{ ref('thelook_orders_checked') }}
    where fate in ('kept', 'without customer', 'orphan', 'no date')
),

{{ rank_repeated_rows(
    'order_items',
    key='order_item_id',
    columns=[
        'order_item_id', 'order_number', 'user_id', 'product_id',
        'inventory_item_id', 'status', 'created_at', 'shipped_at',
        'delivered_at', 'returned_at', 'sale_price', 'quantity',
        'refunded_amount', 'currency',
    ],
    best_first=(
        'case when ' ~ plausible_money('abs(sale_price)')
        ~ ' is null then 1 else 0 end, created_at desc nulls last'
    ),
) }}

select
    ranked_rows.order_item_id,
    coalesce(known_orders.order_id, ranked_rows.order_number) as order_id,
    ranked_rows.user_id,
    ranked_rows.product_id,
    ranked_rows.inventory_item_id,
    ranked_rows.status,
    ranked_rows.created_at,
    ranked_rows.shipped_at,
    ranked_rows.delivered_at,
    ranked_rows.returned_at,
    -- Two signs below 0 are of one credit note as well.
    case
        when ranked_rows.quantity < 0 then -abs(ranked_rows.sale_price)
        else ranked_rows.sale_price
    end as sale_price,
    ranked_rows.quantity,
    ranked_rows.refunded_amount,
    ranked_rows.currency,
    known_orders.user_id as order_user_id,
    known_orders.status as order_status,
    known_orders.created_at as ordered_at,
    case
        when ranked_rows.order_item_id is null then 'no key'
        when ranked_rows.copy_number > 1 then 'exact duplicate'
        when ranked_rows.version_number > 1 then 'conflicting duplicate'
        when known_orders.order_id is null then 'orphan'
        when not known_orders.is_kept then 'order dropped'
        when ranked_rows.user_id <> known_orders.user_id
            then 'of another customer'
        when {{ plausible_money('abs(ranked_rows.sale_price)') }} is null
            then 'bad price'
        else 'kept'
    end as fate
from ranked_rows
left join known_orders
    on
        ranked_rows.order_number = known_orders.order_number
        and (
            ranked_rows.user_id = known_orders.user_id
            or not known_orders.is_number_reused
        )
