-- One row per line of $files. What is said of the order stands in its first
-- line alone. An order comes to its subtotal, goods after discounts without
-- tax and shipping; each line has its part. The export does not say which line
-- a refund is about: each line bears the same part of it.
{{ config(materialized='table') }}

-- How numbers and dates are written, for to_money and to_utc_timestamp.
with formats as (
    select * from (values
        $formats
    ) as written (column_name, value_format)
),

read_lines as (
    select
        row_number() over () as row_number,
        $columns
    from $reading
),

numbers as (
    select
        *,
        {{ segmentation.to_money('quantity_text', 3) }} as quantity,
        {{ segmentation.to_money('quantity_text', 3) }}
        * {{ segmentation.to_money('price_text', 4) }}
        - coalesce({{ segmentation.to_money('line_discount_text') }}, 0)
            as asked,
        max({{ segmentation.to_utc_timestamp('date_text') }}) over of_order
            as ordered_at,
        max(nullif(lower(trim(email)), '')) over of_order as order_email,
        max(nullif(trim(status_text), '')) over of_order as status,
        max(nullif(trim(country_text), '')) over of_order as country,
        max(nullif(trim(currency_text), '')) over of_order as currency,
        max(nullif(trim(cancelled_text), '')) over of_order as cancelled,
        max({{ segmentation.to_money('subtotal_text') }}) over of_order
            as subtotal,
        max({{ segmentation.to_money('total_text') }}) over of_order as total,
        max(abs({{ segmentation.to_money('refunded_text') }})) over of_order
            as refunded
    from read_lines
    window of_order as (partition by order_number)
),

-- Amounts are shared out up to each line, so that they add up to the cent.
parts as (
    select
        *,
        least(coalesce(refunded / nullif(total, 0), 0), 1) as refunded_part,
        coalesce(subtotal, sum(asked) over of_order) as goods,
        sum(asked) over up_to / nullif(1.0e0 * sum(asked) over of_order, 0)
            as part
    from numbers
    window
        of_order as (partition by order_number),
        up_to as (
            partition by order_number
            order by row_number
            rows between unbounded preceding and current row
        )
),

amounts as (
    select
        *,
        cast(round(goods * part, 2) as decimal(18, 2)) as goods_so_far,
        cast(round(goods * part * refunded_part, 2) as decimal(18, 2))
            as refunded_so_far
    from parts
),

shared as (
    select
        *,
        coalesce(
            goods_so_far - coalesce(lag(goods_so_far) over of_order, 0), asked
        ) as sale_price,
        refunded_so_far - coalesce(lag(refunded_so_far) over of_order, 0)
            as line_refund
    from amounts
    window of_order as (partition by order_number order by row_number)
)

select
    order_number,
    md5(order_email) as customer_id,
    coalesce(nullif(trim(sku), ''), nullif(trim(product_name), ''))
        as product_id,
    product_name,
    brand,
    cast(null as string) as category,
    country,
    currency,
    status,
    cancelled is not null as is_cancelled,
    ordered_at,
    quantity,
    cast(sale_price as decimal(18, 2)) as sale_price,
    line_refund as refunded_amount,
    cast(null as decimal(18, 4)) as cost
from shared
