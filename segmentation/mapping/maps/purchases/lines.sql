-- One row per line of $files: which column is what, and what a line comes to.
-- A credit note is below 0: its quantity or its price is, or its number is that
-- of a cancelled invoice.
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

numbers as (
    select
        *,
        {{ segmentation.to_money('quantity_text', 3) }} as quantity,
        {{ segmentation.to_money('price_text', 6) }} as price,
        {{ segmentation.to_money('amount_text', 2) }} as amount,
        {{ segmentation.to_utc_timestamp('date_text') }} as ordered_at,
        $is_cancellation as is_cancellation
    from read_lines
)

select
    order_number,
    customer_id,
    product_id,
    product_name,
    brand,
    category,
    country,
    currency,
    status,
    false as is_cancelled,
    ordered_at,
    case when is_cancellation then -abs(quantity) else quantity end as quantity,
    cast(
        case
            when is_cancellation or quantity < 0 then -1
            when amount < 0 or price < 0 then -1
            else 1
        end
        * abs(coalesce(amount, coalesce(quantity, 1) * price))
        as decimal(18, 2)
    ) as sale_price,
    {{ segmentation.to_money('refunded_text') }} as refunded_amount,
    cast(
        {{ segmentation.to_money('cost_text', 4) }}
        * coalesce(abs(quantity), 1) as decimal(18, 4)
    ) as cost
from numbers
