with

shop_orders as (

    select * from {{ ref('shop_orders') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

final as (

    select
        shop_orders.order_id,
        shop_orders.customer_id,
        shop_orders.status,
        shop_orders.ordered_at
    from shop_orders
    cross join as_of
    where cast(shop_orders.ordered_at as date) <= as_of.as_of_date

)

select * from final
