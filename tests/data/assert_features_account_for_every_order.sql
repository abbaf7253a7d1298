-- noqa: disable=LT02
-- Counts anew from the shop's orders, past every step between: every
-- customer with an order up to the as-of date is in customer_features, nobody
-- else is, and with as many distinct orders, the same first and the same last
-- one.
with

expected as (

    select
        shop_orders.customer_id,
        count(distinct shop_orders.order_id) as total_orders,
        min(shop_orders.ordered_at) as first_order_at,
        max(shop_orders.ordered_at) as last_order_at
    from {{ ref('shop_orders') }} as shop_orders
    cross join {{ ref('as_of') }} as as_of
    where
        cast(shop_orders.ordered_at as date) <= as_of.as_of_date
        and shop_orders.order_id not in (
            select notes.order_id from {{ ref('credit_notes') }} as notes
            where notes.is_no_order and notes.order_id is not null
        )
        {%- if segmentation.setting('customers_counted') %}
        and shop_orders.customer_id in (
            select counted.customer_id
            from {{ ref(segmentation.setting('customers_counted')) }} as counted
        )
        {%- endif %}
    group by shop_orders.customer_id

)

select
    expected.customer_id as expected_customer_id,
    features.customer_id,
    expected.total_orders as expected_total_orders,
    features.total_orders
from expected
full outer join {{ ref('customer_features') }} as features
    on expected.customer_id = features.customer_id
where
    expected.total_orders is distinct from features.total_orders
    or expected.first_order_at is distinct from features.first_order_at
    or expected.last_order_at is distinct from features.last_order_at
