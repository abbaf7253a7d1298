-- One row per item of $files, and one below 0 for what was refunded of it. An
-- item comes to its total after coupons, without tax and shipping.
{{ config(materialized='table') }}

-- How numbers and dates are written, for to_money and to_utc_timestamp.
with formats as (
    select * from (values
        $formats
    ) as written (column_name, value_format)
),

read_lines as (
    select
        $columns
    from $reading
),

items as (
    select
        order_number,
        coalesce(
            md5(nullif(lower(trim(email)), '')), nullif(trim(customer_id), '0')
        ) as customer_id,
        coalesce(
            nullif(nullif(trim(product_id), ''), '0'), nullif(trim(sku), ''),
            nullif(trim(product_name), '')
        ) as product_id,
        product_name,
        country,
        currency,
        status,
        {{ segmentation.to_utc_timestamp('date_text') }} as ordered_at,
        {{ segmentation.to_money('quantity_text', 3) }} as quantity,
        {{ segmentation.to_money('amount_text') }} as sale_price,
        abs({{ segmentation.to_money('refunded_text') }}) as refunded,
        abs({{ segmentation.to_money('refunded_quantity_text', 3) }})
            as refunded_quantity,
        abs({{ segmentation.to_money('order_refunded_text') }})
        / nullif({{ segmentation.to_money('total_text') }}, 0) as refunded_part
    from read_lines
),

-- A refund that names no item is the same part of each.
orders as (
    select
        order_number as refunded_order,
        coalesce(max(refunded), 0) > 0 as names_items
    from items
    group by order_number
)

select
    order_number,
    customer_id,
    product_id,
    product_name,
    cast(null as string) as brand,
    cast(null as string) as category,
    country,
    currency,
    status,
    false as is_cancelled,
    ordered_at,
    quantity,
    sale_price,
    case
        when not orders.names_items then cast(
            round(sale_price * least(refunded_part, 1), 2) as decimal(18, 2)
        )
    end as refunded_amount,
    cast(null as decimal(18, 4)) as cost
from items
left join orders on items.order_number = orders.refunded_order
union all
select
    order_number,
    customer_id,
    product_id,
    product_name,
    cast(null as string) as brand,
    cast(null as string) as category,
    country,
    currency,
    status,
    false as is_cancelled,
    ordered_at,
    -coalesce(refunded_quantity, 0) as quantity,
    -refunded as sale_price,
    cast(null as decimal(18, 2)) as refunded_amount,
    cast(null as decimal(18, 4)) as cost
from items
where refunded > 0
