-- noqa: disable=LT02
-- Adds up anew from the shop's items, past every step between: items,
-- spend, margin, cancelled and returned items of each customer up to the as-of
-- date. The rates are turned back into the counts they came from.
with

items as (

    select
        shop_orders.customer_id,
        order_items.sale_price,
        order_items.cost,
        order_items.is_cancelled,
        order_items.is_returned and not order_items.is_cancelled as is_returned
    from {{ ref('shop_order_items') }} as order_items
    inner join {{ ref('shop_orders') }} as shop_orders
        on order_items.order_id = shop_orders.order_id
    cross join {{ ref('as_of') }} as as_of
    where
        cast(shop_orders.ordered_at as date) <= as_of.as_of_date
        {%- if segmentation.setting('customers_counted') %}
        and shop_orders.customer_id in (
            select counted.customer_id
            from {{ ref(segmentation.setting('customers_counted')) }} as counted
        )
        {%- endif %}

),

expected as (

    select
        customer_id,
        count(*) as items,
        count_if(is_cancelled) as cancelled,
        count_if(is_returned) as returned,
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
    features.total_margin,
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
    or coalesce(expected.margin, 0) is distinct from features.total_margin
    or coalesce(expected.cancelled, 0)
    is distinct from round(features.cancellation_rate * features.total_items)
    or coalesce(expected.returned, 0) is distinct from round(
        features.return_rate
        * (features.total_items - coalesce(expected.cancelled, 0))
    )
