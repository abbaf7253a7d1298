-- One row per item of $files, and one below 0 for what was refunded of it. The
-- variant of a configurable product stands below it and is no item of its own.
-- Amounts are in the base currency, after discounts, without tax and shipping;
-- pieces that were canceled are left out.
{{ config(materialized='table') }}

-- How numbers and dates are written, for to_money and to_utc_timestamp.
with formats as (
    select * from (values
        $formats
    ) as written (column_name, value_format)
),

orders as (
    select
        $order_columns
    from $order_reading
),

read_items as (
    select
        $columns
    from $reading
),

numbers as (
    select
        read_items.*,
        orders.customer_id,
        orders.email,
        orders.status,
        orders.currency,
        {{ segmentation.to_utc_timestamp('date_text') }} as ordered_at,
        {{ segmentation.to_money('quantity_text', 3) }} as ordered,
        coalesce({{ segmentation.to_money('canceled_text', 3) }}, 0)
            as canceled,
        coalesce({{ segmentation.to_money('refunded_quantity_text', 3) }}, 0)
            as refunded_quantity,
        {{ segmentation.to_money('amount_text') }}
        - coalesce({{ segmentation.to_money('discount_text') }}, 0) as asked,
        {{ segmentation.to_money('refunded_text') }}
        - coalesce({{ segmentation.to_money('discount_refunded_text') }}, 0)
            as refunded,
        {{ segmentation.to_money('cost_text', 4) }} as cost_of_piece
    from read_items
    left join orders on read_items.order_number = orders.order_id
    where coalesce(trim(read_items.parent_id), '') in ('', 'NULL', 'null')
),

items as (
    select
        *,
        coalesce(
            nullif(nullif(trim(customer_id), 'NULL'), ''),
            md5(nullif(lower(trim(email)), ''))
        ) as customer,
        case
            when canceled >= ordered then ordered else ordered - canceled
        end as quantity,
        cast(
            case
                when canceled >= ordered or ordered = 0 then asked
                else asked * (ordered - canceled) / ordered
            end as decimal(18, 2)
        ) as sale_price
    from numbers
)

select
    order_number,
    customer as customer_id,
    product_id,
    product_name,
    cast(null as string) as brand,
    cast(null as string) as category,
    cast(null as string) as country,
    currency,
    status,
    canceled > 0 and canceled >= ordered as is_cancelled,
    ordered_at,
    quantity,
    sale_price,
    cast(null as decimal(18, 2)) as refunded_amount,
    cast(cost_of_piece * quantity as decimal(18, 4)) as cost
from items
union all
select
    order_number,
    customer as customer_id,
    product_id,
    product_name,
    cast(null as string) as brand,
    cast(null as string) as category,
    cast(null as string) as country,
    currency,
    status,
    false as is_cancelled,
    ordered_at,
    -refunded_quantity as quantity,
    -refunded as sale_price,
    cast(null as decimal(18, 2)) as refunded_amount,
    cast(null as decimal(18, 4)) as cost
from items
where refunded > 0
