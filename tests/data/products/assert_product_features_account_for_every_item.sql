-- Adds up anew from the shop's items, past every step between. The rates
-- are turned back into the counts they came from.
with

deliveries as (

    select
        (
            select
                coalesce(count_if(is_delivered and not is_returned), 0)
                + count(delivered_at)
            from {{ ref('shop_order_items') }}
        ) + (select count(delivered_at) from {{ ref('shop_orders') }}) as told

),

items as (

    select
        order_items.product_id,
        order_items.order_id,
        shop_orders.customer_id,
        order_items.sale_price,
        order_items.cost,
        order_items.is_cancelled,
        order_items.is_returned
        and not order_items.is_cancelled
        and not coalesce(
            cast(
                coalesce(order_items.returned_at, shop_orders.returned_at)
                as date
            ) > as_of.as_of_date,
            false
        ) as is_returned,
        coalesce(
            order_items.is_delivered,
            order_items.delivered_at is not null
            or shop_orders.delivered_at is not null
            or deliveries.told = 0
        )
        and not coalesce(
            cast(
                coalesce(order_items.delivered_at, shop_orders.delivered_at)
                as date
            ) > as_of.as_of_date,
            false
        ) as is_delivered
    from {{ ref('shop_order_items') }} as order_items
    inner join {{ ref('shop_orders') }} as shop_orders
        on order_items.order_id = shop_orders.order_id
    cross join {{ ref('as_of') }} as as_of
    cross join deliveries
    where
        cast(shop_orders.ordered_at as date) <= as_of.as_of_date
        {%- if segmentation.setting('customers_counted') %}
        and shop_orders.customer_id in (
            select counted.customer_id
            from {{ ref(segmentation.setting('customers_counted')) }} as counted
        )
        {%- endif %}
        and order_items.product_id is not null

),

expected as (

    select
        product_id,
        count(*) as items,
        count(distinct order_id) as orders,
        count_if(is_cancelled) as cancelled,
        count_if(is_returned) as returned,
        count_if(is_returned or (is_delivered and not is_cancelled))
            as delivered,
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
    from items
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
        from items
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
