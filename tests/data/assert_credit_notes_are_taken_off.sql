-- An accounting identity: what is taken off a customer's purchases is what the
-- credit notes come to, or all purchases where they come to more.
with credits as (
    select
        credit_notes.customer_id,
        sum(credit_notes.amount) as amount
    from {{ ref('credit_notes') }} as credit_notes
    inner join {{ ref('as_of') }} as as_of
        on cast(credit_notes.ordered_at as date) <= as_of.as_of_date
    group by credit_notes.customer_id
),

taken_off as (
    select
        order_items.customer_id,
        sum(order_items.sale_price - least(
            coalesce(order_items.refunded_amount, 0), order_items.sale_price
        )) as spent,
        sum(coalesce(refunds.refunded_amount, 0)) as amount
    from {{ ref('shop_order_items') }} as order_items
    inner join {{ ref('orders_counted') }} as orders
        on order_items.order_id = orders.order_id
    left join {{ ref('refunds') }} as refunds
        on
            refunds.days_back = 0
            and order_items.order_item_id = refunds.order_item_id
    where order_items.sale_price >= 0 and coalesce(order_items.quantity, 0) >= 0
    group by order_items.customer_id
)

select
    taken_off.customer_id,
    credits.amount as credits,
    taken_off.spent,
    taken_off.amount
from taken_off
left join credits on taken_off.customer_id = credits.customer_id
where taken_off.amount <> least(coalesce(credits.amount, 0), taken_off.spent)
