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
    order_items.sale_price,
    order_items.cost,
    order_items.is_cancelled,
    order_items.is_returned
    and not order_items.is_cancelled
    and not coalesce(
        cast(
            coalesce(order_items.returned_at, shop_orders.returned_at) as date
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
            coalesce(order_items.delivered_at, shop_orders.delivered_at) as date
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
    {%- if counted %}
    and shop_orders.customer_id in (
        select counted.customer_id from {{ ref(counted) }} as counted
    )
    {%- endif %}
{%- endmacro %}
