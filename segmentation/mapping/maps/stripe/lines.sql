-- One row per payment of $files. An amount that Stripe converted counts in the
-- currency of the account.
{{ config(materialized='table') }}

-- How numbers and dates are written, for to_money and to_utc_timestamp.
with formats as (
    select * from (values
        $formats
    ) as written (column_name, value_format)
),

payments as (
    select
        $columns
    from $reading
)

select
    order_number,
    coalesce(nullif(trim(customer_id), ''), md5(nullif(lower(trim(email)), '')))
        as customer_id,
    cast(null as string) as product_id,
    cast(null as string) as product_name,
    cast(null as string) as brand,
    cast(null as string) as category,
    country,
    coalesce(nullif(converted_currency, ''), currency) as currency,
    status,
    lower(captured) = 'false' as is_cancelled,
    {{ segmentation.to_utc_timestamp('date_text') }} as ordered_at,
    cast(1 as decimal(18, 3)) as quantity,
    coalesce(
        {{ segmentation.to_money('converted_text') }},
        {{ segmentation.to_money('amount_text') }}
    ) as sale_price,
    case
        when {{ segmentation.to_money('converted_text') }} is null
            then abs({{ segmentation.to_money('refunded_text') }})
        else coalesce(
            abs({{ segmentation.to_money('converted_refunded_text') }}),
            cast(
                {{ segmentation.to_money('converted_text') }}
                * abs({{ segmentation.to_money('refunded_text') }})
                / nullif({{ segmentation.to_money('amount_text') }}, 0)
                as decimal(18, 2)
            )
        )
    end as refunded_amount,
    cast(null as decimal(18, 4)) as cost
from payments
