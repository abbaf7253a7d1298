-- noqa: disable=LT02
-- Counts anew from the shop's orders and items, past every step between: what
-- each customer that is looked back at had ordered and sent back by the earlier
-- day, and what they kept of later orders.
{{ config(enabled=segmentation.has_segmentation('customer')) }}
with

days as (

    select
        as_of_date,
        past_date
    from {{ ref('as_of') }}
    where past_date is not null

),

expected as (

    select
        shop_orders.customer_id,
        count(*) filter (
            where cast(shop_orders.ordered_at as date) <= days.past_date
        ) as total_orders,
        max(case
            when cast(shop_orders.ordered_at as date) <= days.past_date
                then shop_orders.ordered_at
        end) as last_order_at
    from {{ ref('shop_orders') }} as shop_orders
    inner join days
        on cast(shop_orders.ordered_at as date) <= days.as_of_date
    group by shop_orders.customer_id

),

returned as (

    select
        shop_orders.customer_id,
        count(*) as items
    from {{ ref('shop_order_items') }} as order_items
    inner join {{ ref('shop_orders') }} as shop_orders
        on order_items.order_id = shop_orders.order_id
    inner join days
        on cast(shop_orders.ordered_at as date) <= days.past_date
    where
        order_items.is_returned
        and not order_items.is_cancelled
        and coalesce(
            cast(
                coalesce(order_items.returned_at, shop_orders.returned_at)
                as date
            ) <= days.past_date,
            true
        )
    group by shop_orders.customer_id

),

later as (

    select
        shop_orders.customer_id,
        count(distinct order_items.order_id) as orders,
        sum(order_items.sale_price) as spend
    from {{ ref('shop_order_items') }} as order_items
    inner join {{ ref('shop_orders') }} as shop_orders
        on order_items.order_id = shop_orders.order_id
    inner join days
        on
            cast(shop_orders.ordered_at as date) <= days.as_of_date
            and cast(shop_orders.ordered_at as date) > days.past_date
    where
        not order_items.is_cancelled
        and (
            not order_items.is_returned
            or cast(
                coalesce(order_items.returned_at, shop_orders.returned_at)
                as date
            ) > days.as_of_date
        )
    group by shop_orders.customer_id

)

select
    past.customer_id,
    past.total_orders,
    expected.total_orders as expected_total_orders,
    past.returned_items,
    returned.items as expected_returned_items,
    outcomes.later_spend,
    later.spend as expected_later_spend
from {{ ref('past_customer_features') }} as past
full outer join {{ ref('horizon_outcomes') }} as outcomes
    on past.customer_id = outcomes.customer_id
left join expected on past.customer_id = expected.customer_id
left join returned on past.customer_id = returned.customer_id
left join later on past.customer_id = later.customer_id
where
    past.total_orders is distinct from expected.total_orders
    or past.last_order_at is distinct from expected.last_order_at
    or past.returned_items is distinct from coalesce(returned.items, 0)
    or outcomes.later_orders is distinct from coalesce(later.orders, 0)
    or outcomes.later_spend is distinct from coalesce(later.spend, 0)
