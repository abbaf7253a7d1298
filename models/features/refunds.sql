{{ config(enabled=segmentation.has_shop(), materialized='table') }}

with credit_notes as (
    select * from {{ ref('credit_notes') }}
),

orders as (
    select * from {{ ref('orders_as_of') }}
),

order_items as (
    select * from {{ ref('shop_order_items') }}
),

days as (
    select distinct
        days_back,
        as_of_date
    from orders
),

credits as (
    select
        days.days_back,
        credit_notes.order_item_id as credit_id,
        credit_notes.customer_id,
        credit_notes.product_id,
        credit_notes.ordered_at,
        credit_notes.amount,
        credit_notes.quantity
    from credit_notes
    inner join days
        on cast(credit_notes.ordered_at as date) <= days.as_of_date
),

credited_customers as (
    select distinct customer_id from credit_notes
),

-- What is left of a line after the refund that it tells of itself.
purchases as (
    select
        orders.days_back,
        orders.customer_id,
        order_items.order_item_id,
        order_items.product_id,
        orders.ordered_at,
        greatest(
            order_items.sale_price - coalesce(order_items.refunded_amount, 0), 0
        ) as amount
    from orders
    inner join credited_customers
        on orders.customer_id = credited_customers.customer_id
    inner join order_items on orders.order_id = order_items.order_id
    left join credit_notes
        on order_items.order_item_id = credit_notes.order_item_id
    where credit_notes.order_item_id is null
),

movements as (
    select
        days_back,
        customer_id,
        product_id,
        ordered_at,
        credit_id as line_id,
        quantity,
        amount as credit,
        0 as purchase
    from credits
    where product_id is not null
    union all
    select
        days_back,
        customer_id,
        product_id,
        ordered_at,
        order_item_id as line_id,
        null as quantity,
        0 as credit,
        amount as purchase
    from purchases
    where product_id is not null
),

-- Backwards in time a credit note waits for purchases that it can be about:
-- the latest before it. What waits is the balance above its lowest so far.
waiting as (
    select
        *,
        row_number() over backwards as place,
        sum(credit) over backwards as credit_so_far,
        sum(credit - purchase) over backwards as balance
    from movements
    window backwards as (
        partition by days_back, customer_id, product_id
        order by ordered_at desc, credit desc, line_id desc
        rows between unbounded preceding and current row
    )
),

settled as (
    select
        *,
        credit_so_far - balance + least(0, min(balance) over (
            partition by days_back, customer_id, product_id
            order by place
            rows between unbounded preceding and current row
        )) as settled_so_far
    from waiting
),

taken_back as (
    select
        *,
        settled_so_far - coalesce(lag(settled_so_far) over (
            partition by days_back, customer_id, product_id
            order by place
        ), 0) as refund
    from settled
),

matched as (
    select
        bought.days_back,
        bought.line_id as order_item_id,
        credited.line_id as credit_id,
        credited.quantity,
        credited.credit,
        least(bought.settled_so_far, credited.credit_so_far) - greatest(
            bought.settled_so_far - bought.refund,
            credited.credit_so_far - credited.credit
        ) as refund
    from taken_back as bought
    inner join taken_back as credited
        on
            bought.days_back = credited.days_back
            and bought.customer_id = credited.customer_id
            and bought.product_id = credited.product_id
            and bought.settled_so_far > credited.credit_so_far - credited.credit
            and bought.settled_so_far - bought.refund < credited.credit_so_far
    where bought.refund > 0 and credited.credit > 0
),

returned as (
    select
        days_back,
        order_item_id,
        sum(refund) as refund,
        sum(coalesce(quantity, 0) * refund / credit) as quantity
    from matched
    group by days_back, order_item_id
),

spent as (
    select
        days_back,
        credit_id,
        sum(refund) as refund
    from matched
    group by days_back, credit_id
),

-- What is about no purchase of the product is money off the others.
left_over as (
    select
        credits.days_back,
        credits.customer_id,
        sum(credits.amount - coalesce(spent.refund, 0)) as amount,
        max(credits.ordered_at) as last_credit_at
    from credits
    left join spent
        on
            credits.days_back = spent.days_back
            and credits.credit_id = spent.credit_id
    where credits.amount > coalesce(spent.refund, 0)
    group by credits.days_back, credits.customer_id
),

open_purchases as (
    select
        purchases.days_back,
        purchases.order_item_id,
        purchases.amount,
        coalesce(returned.refund, 0) as returned,
        coalesce(returned.quantity, 0) as returned_quantity,
        coalesce(left_over.amount, 0) as left_over,
        sum(purchases.amount - coalesce(returned.refund, 0)) over (
            partition by purchases.days_back, purchases.customer_id
            order by
                purchases.ordered_at > left_over.last_credit_at,
                purchases.ordered_at desc, purchases.order_item_id desc
            rows between unbounded preceding and current row
        ) as open_so_far
    from purchases
    left join returned
        on
            purchases.days_back = returned.days_back
            and purchases.order_item_id = returned.order_item_id
    left join left_over
        on
            purchases.days_back = left_over.days_back
            and purchases.customer_id = left_over.customer_id
)

select
    days_back,
    order_item_id,
    cast(
        least(
            amount,
            returned + greatest(
                left_over - (open_so_far - amount + returned), 0
            )
        ) as decimal(18, 2)
    ) as refunded_amount,
    cast(returned_quantity as decimal(18, 3)) as returned_quantity,
    amount > 0 and returned >= amount as is_returned
from open_purchases
where returned > 0 or left_over > open_so_far - amount + returned
