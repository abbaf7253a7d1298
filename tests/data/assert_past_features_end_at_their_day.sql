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
    where
        shop_orders.order_id not in (
            select notes.order_id from {{ ref('credit_notes') }} as notes
            where notes.is_no_order and notes.order_id is not null
        )
    group by shop_orders.customer_id

),

items as (

    select
        order_items.*,
        shop_orders.customer_id as buyer_id,
        cast(shop_orders.ordered_at as date) as order_date,
        cast(
            coalesce(order_items.returned_at, shop_orders.returned_at) as date
        ) as return_date,
        order_items.is_returned
        or coalesce(order_items.refunded_amount, 0)
        >= greatest(order_items.sale_price, 0.01) as came_back,
        greatest(ceil(coalesce(order_items.quantity, 1)), 1) as pieces
    from {{ ref('shop_order_items') }} as order_items
    inner join {{ ref('shop_orders') }} as shop_orders
        on order_items.order_id = shop_orders.order_id
    left join {{ ref('credit_notes') }} as notes
        on order_items.order_item_id = notes.order_item_id
    where notes.order_item_id is null and not order_items.is_cancelled

),

returned as (

    select
        items.buyer_id as customer_id,
        sum(
            case
                when
                    coalesce(refunds.is_returned, false)
                    or items.came_back
                    and coalesce(items.return_date <= days.past_date, true)
                    then items.pieces
                else least(
                    round(coalesce(refunds.returned_quantity, 0)), items.pieces
                )
            end
        ) as items
    from items
    inner join days on items.order_date <= days.past_date
    left join {{ ref('refunds') }} as refunds
        on
            refunds.days_back > 0
            and items.order_item_id = refunds.order_item_id
    group by items.buyer_id

),

later as (

    select
        items.buyer_id as customer_id,
        count(distinct items.order_id) as orders,
        sum(
            items.sale_price
            - coalesce(items.refunded_amount, 0)
            - coalesce(refunds.refunded_amount, 0)
        ) as spend
    from items
    inner join days
        on
            items.order_date <= days.as_of_date
            and items.order_date > days.past_date
    left join {{ ref('refunds') }} as refunds
        on
            refunds.days_back = 0
            and items.order_item_id = refunds.order_item_id
    where
        not coalesce(refunds.is_returned, false)
        and (not items.came_back or items.return_date > days.as_of_date)
    group by items.buyer_id

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
