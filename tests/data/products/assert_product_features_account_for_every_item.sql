-- Adds up anew from the shop's items, past every step between. The rates
-- are turned back into the counts they came from.
with items as (

    {{ segmentation.recounted_items() }}

),

sold as (

    select * from items
    where product_id is not null

),

expected as (

    select
        product_id,
        sum(pieces) as items,
        count(distinct order_id) as orders,
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
            as revenue,
        cast(
            sum(
                case
                    when is_cancelled or is_returned or cost is null then 0
                    else sale_price - cost
                end
            ) as decimal(18, 2)
        ) as margin
    from sold
    group by product_id

),

expected_buyers as (

    select
        product_id,
        count(*) as buyers,
        count_if(orders > 1) as repeat_buyers
    from (
        select
            product_id,
            customer_id,
            count(distinct order_id) as orders
        from sold
        group by product_id, customer_id
    ) as customers
    group by product_id

)

select
    expected.product_id as expected_product_id,
    features.product_id,
    expected.items,
    features.items as found_items,
    expected.revenue,
    features.revenue as found_revenue
from expected
inner join expected_buyers
    on expected.product_id = expected_buyers.product_id
full outer join {{ ref('product_features') }} as features
    on expected.product_id = features.product_id
where
    expected.items is distinct from features.items
    or expected.orders is distinct from features.orders
    or expected.revenue is distinct from features.revenue
    or expected.margin is distinct from features.margin
    or expected.cancelled
    is distinct from round(features.cancellation_rate * features.items)
    or expected.returned is distinct from coalesce(
        round(features.return_rate * expected.delivered), 0
    )
    or (features.return_rate is null) = (expected.delivered > 0)
    or expected.items - expected.cancelled - expected.returned
    is distinct from features.units
    or expected_buyers.buyers is distinct from features.distinct_buyers
    or expected_buyers.repeat_buyers
    is distinct from round(features.repeat_share * features.distinct_buyers)
