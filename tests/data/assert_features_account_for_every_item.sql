-- noqa: disable=LT02
-- Adds up anew from the shop's items, past every step between: items,
-- spend, margin, cancelled and returned items of each customer up to the as-of
-- date. The rates are turned back into the counts they came from.
with items as (

    {{ segmentation.recounted_items() }}

),

expected as (

    select
        customer_id,
        sum(pieces) as items,
        sum(case when is_cancelled then pieces else 0 end) as cancelled,
        sum(
            case
                when is_cancelled then 0
                when is_returned then pieces
                else back
            end
        ) as returned,
        sum(
            case
                when is_returned then pieces
                when is_cancelled or not (is_delivered or back > 0) then 0
                else pieces
            end
        ) as delivered,
        sum(case when is_cancelled or is_returned then 0 else sale_price end)
            as spend,
        cast(
            sum(
                case
                    when is_cancelled or is_returned or cost is null then 0
                    else sale_price - cost
                end
            ) as decimal(18, 2)
        ) as margin
    from items
    group by customer_id

)

select
    expected.customer_id as expected_customer_id,
    features.customer_id,
    expected.items,
    features.total_items,
    expected.spend,
    features.total_spend,
    expected.margin,
    features.margin_to_date,
    expected.cancelled,
    features.cancellation_rate,
    expected.returned,
    features.return_rate
from expected
full outer join {{ ref('customer_features') }} as features
    on expected.customer_id = features.customer_id
where
    coalesce(expected.items, 0) is distinct from features.total_items
    or coalesce(expected.spend, 0) is distinct from features.total_spend
    or coalesce(expected.margin, 0) is distinct from features.margin_to_date
    or coalesce(expected.cancelled, 0) is distinct from features.cancelled_items
    or coalesce(expected.returned, 0) is distinct from features.returned_items
    or coalesce(expected.delivered, 0) is distinct from features.delivered_items
    or features.cancelled_items is distinct from coalesce(
        round(features.cancellation_rate * features.total_items), 0
    )
    or features.returned_items is distinct from coalesce(
        round(features.return_rate * features.delivered_items), 0
    )
