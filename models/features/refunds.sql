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
        order_items.quantity,
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
        true as is_credit,
        quantity,
        amount
    from credits
    where product_id is not null
    union all
    select
        days_back,
        customer_id,
        product_id,
        ordered_at,
        order_item_id as line_id,
        false as is_credit,
        quantity,
        amount
    from purchases
    where product_id is not null
),

-- In pieces where each line tells them, else in money.
measured as (
    select
        *,
        count(quantity) over of_product = count(*) over of_product as is_pieces,
        case
            when count(quantity) over of_product = count(*) over of_product
                then quantity
            else amount
        end as measure
    from movements
    window of_product as (partition by days_back, customer_id, product_id)
),

-- Backwards in time a credit note waits for purchases that it can be about:
-- the latest before it. What waits is the balance above its lowest so far.
waiting as (
    select
        *,
        row_number() over backwards as place,
        sum(case when is_credit then measure else 0 end) over backwards
            as credit_so_far,
        sum(case when is_credit then measure else -measure end) over backwards
            as balance
    from measured
    window backwards as (
        partition by days_back, customer_id, product_id
        order by ordered_at desc, is_credit desc, line_id desc
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

placed as (
    select
        *,
        case
            when is_credit then credit_so_far - measure
            else coalesce(lag(settled_so_far) over (
                partition by days_back, customer_id, product_id
                order by place
            ), 0)
        end as starts,
        case when is_credit then credit_so_far else settled_so_far end as ends
    from settled
),

met as (
    select
        bought.days_back,
        bought.line_id as order_item_id,
        bought.is_pieces,
        credited.amount / credited.measure as price,
        credited.starts as note_starts,
        greatest(bought.starts, credited.starts) as starts,
        least(bought.ends, credited.ends) as ends
    from placed as bought
    inner join placed as credited
        on
            bought.days_back = credited.days_back
            and bought.customer_id = credited.customer_id
            and bought.product_id = credited.product_id
            and bought.ends > credited.starts
            and bought.starts < credited.ends
    where
        not bought.is_credit
        and bought.ends > bought.starts
        and credited.is_credit
        and credited.measure > 0
),

-- A part of a note is rounded up to each of its ends, so that parts add up.
matched as (
    select
        days_back,
        order_item_id,
        is_pieces,
        ends - starts as taken,
        cast(round(price * (ends - note_starts), 2) as decimal(18, 2))
        - cast(round(price * (starts - note_starts), 2) as decimal(18, 2))
            as credit
    from met
),

returned as (
    select
        days_back,
        order_item_id,
        sum(credit) as credit,
        sum(taken) as taken,
        sum(case when is_pieces then taken else 0 end) as quantity
    from matched
    group by days_back, order_item_id
),

known_purchases as (
    select
        purchases.days_back,
        purchases.customer_id,
        purchases.order_item_id,
        purchases.ordered_at,
        purchases.amount,
        least(coalesce(returned.credit, 0), purchases.amount) as returned,
        coalesce(returned.quantity, 0) as returned_quantity,
        coalesce(
            returned.taken >= case
                when returned.quantity > 0 then purchases.quantity
                else purchases.amount
            end, false
        ) as is_whole
    from purchases
    left join returned
        on
            purchases.days_back = returned.days_back
            and purchases.order_item_id = returned.order_item_id
),

credited as (
    select
        days_back,
        customer_id,
        sum(amount) as amount,
        max(ordered_at) as last_credit_at
    from credits
    group by days_back, customer_id
),

-- What is about no purchase of the product is money off the others.
open_purchases as (
    select
        purchases.*,
        credited.amount - sum(purchases.returned) over of_customer as left_over,
        sum(purchases.amount - purchases.returned) over (
            partition by purchases.days_back, purchases.customer_id
            order by
                purchases.ordered_at > credited.last_credit_at,
                purchases.ordered_at desc, purchases.order_item_id desc
            rows between unbounded preceding and current row
        ) - purchases.amount + purchases.returned as open_before
    from known_purchases as purchases
    inner join credited
        on
            purchases.days_back = credited.days_back
            and purchases.customer_id = credited.customer_id
    window of_customer as (
        partition by purchases.days_back, purchases.customer_id
    )
)

select
    days_back,
    order_item_id,
    cast(
        least(amount, returned + greatest(left_over - open_before, 0))
        as decimal(18, 2)
    ) as refunded_amount,
    cast(returned_quantity as decimal(18, 3)) as returned_quantity,
    is_whole and amount > 0 and returned >= amount as is_returned
from open_purchases
where returned > 0 or returned_quantity > 0 or left_over > open_before
