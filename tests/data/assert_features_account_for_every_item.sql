-- noqa: disable=LT02
-- Adds up anew from the shop's items, past every step between: items, money,
-- cancelled and returned items of each customer and product up to the as-of
-- date. The rates are turned back into the counts they came from.
{% set counted = segmentation.setting('customers_counted') %}
{% set has_customers = segmentation.has_segmentation('customer') %}
{% set has_products = segmentation.has_segmentation('product') %}
with deliveries as (

    select
        (
            select count(*)
            from {{ ref('shop_order_items') }}
            where (is_delivered and not is_returned) or delivered_at is not null
        ) + (select count(delivered_at) from {{ ref('shop_orders') }}) as told

),

-- What had become of each item by then.
items as (

    select
        order_items.order_id,
        order_items.product_id,
        shop_orders.customer_id,
        order_items.is_cancelled,
        (
            coalesce(refunds.is_returned, false)
            or (
                order_items.is_returned
                or coalesce(order_items.refunded_amount, 0)
                >= greatest(order_items.sale_price, 0.01)
            )
            and not coalesce(
                cast(
                    coalesce(order_items.returned_at, shop_orders.returned_at)
                    as date
                ) > as_of.as_of_date,
                false
            )
        )
        and not order_items.is_cancelled as is_returned,
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
        ) as is_delivered,
        greatest(ceil(coalesce(order_items.quantity, 1)), 1) as pieces,
        least(round(coalesce(refunds.returned_quantity, 0)), pieces) as back,
        order_items.sale_price
        - coalesce(order_items.refunded_amount, 0)
        - coalesce(refunds.refunded_amount, 0) as sale_price,
        cast(
            case
                when back = 0 then order_items.cost
                else order_items.cost * (pieces - back) / pieces
            end as decimal(18, 4)
        ) as cost
    from {{ ref('shop_order_items') }} as order_items
    inner join {{ ref('shop_orders') }} as shop_orders
        on order_items.order_id = shop_orders.order_id
    cross join {{ ref('as_of') }} as as_of
    cross join deliveries
    left join {{ ref('credit_notes') }} as credit_notes
        on order_items.order_item_id = credit_notes.order_item_id
    left join {{ ref('refunds') }} as refunds
        on
            refunds.days_back = 0
            and order_items.order_item_id = refunds.order_item_id
    where
        credit_notes.order_item_id is null
        and cast(shop_orders.ordered_at as date) <= as_of.as_of_date
        {% if counted -%}
        and shop_orders.customer_id in (
            select counted.customer_id from {{ ref(counted) }} as counted
        )
        {%- endif %}

),

{% for key in ['customer_id', 'product_id'] %}
expected_by_{{ key }} as (

    select
        {{ key }},
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
    where {{ key }} is not null
    group by {{ key }}

),
{% endfor %}
buyers as (

    select
        product_id,
        cast(sum(orders) as bigint) as orders,
        count(*) as buyers,
        count_if(orders > 1) as repeat_buyers
    from (
        select
            product_id,
            customer_id,
            count(distinct order_id) as orders
        from items
        where product_id is not null
        group by product_id, customer_id
    ) as customers
    group by product_id

)

{% if has_customers -%}
select
    'customer' as unit,
    cast(expected.customer_id as string) as expected_id,
    cast(features.customer_id as string) as found_id,
    expected.items as expected_items,
    features.total_items as found_items,
    expected.spend as expected_spend,
    features.total_spend as found_spend,
    expected.margin as expected_margin,
    features.margin_to_date as found_margin,
    expected.cancelled,
    features.cancellation_rate,
    expected.returned,
    features.return_rate
from expected_by_customer_id as expected
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
{%- endif %}
{% if has_customers and has_products -%}
union all
{%- endif %}
{% if has_products -%}
select
    'product' as unit,
    cast(expected.product_id as string) as expected_id,
    cast(features.product_id as string) as found_id,
    expected.items as expected_items,
    features.items as found_items,
    expected.spend as expected_spend,
    features.revenue as found_spend,
    expected.margin as expected_margin,
    features.margin as found_margin,
    expected.cancelled,
    features.cancellation_rate,
    expected.returned,
    features.return_rate
from expected_by_product_id as expected
inner join buyers on expected.product_id = buyers.product_id
full outer join {{ ref('product_features') }} as features
    on expected.product_id = features.product_id
where
    expected.items is distinct from features.items
    or buyers.orders is distinct from features.orders
    or expected.spend is distinct from features.revenue
    or expected.margin is distinct from features.margin
    or expected.cancelled
    is distinct from round(features.cancellation_rate * features.items)
    or features.return_rate is distinct from cast(
        expected.returned as double
    ) / nullif(expected.delivered, 0)
    or expected.items - expected.cancelled - expected.returned
    is distinct from features.units
    or buyers.buyers is distinct from features.distinct_buyers
    or buyers.repeat_buyers
    is distinct from round(features.repeat_share * features.distinct_buyers)
{%- endif %}
