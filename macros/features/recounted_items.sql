{#-
    The shop's items up to the as-of date and what had become of each by then,
    counted anew for tests: past every step between the shop and the features.
-#}
{% macro recounted_items() %}
{%- set counted = segmentation.setting('customers_counted') %}
with deliveries as (

    select
        (
            select count(*)
            from {{ ref('shop_order_items') }}
            where (is_delivered and not is_returned) or delivered_at is not null
        ) + (select count(delivered_at) from {{ ref('shop_orders') }}) as told

)

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
            coalesce(order_items.delivered_at, shop_orders.delivered_at) as date
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
    {%- if counted %}
    and shop_orders.customer_id in (
        select counted.customer_id from {{ ref(counted) }} as counted
    )
    {%- endif %}
{%- endmacro %}
