with

orders as (

    select
        order_id,
        cast(ordered_at as date) as order_date
    from {{ ref('int_orders_counted') }}

),

days as (

    select
        order_date,
        count(*) as orders
    from orders
    group by order_date

),

placed as (

    select
        order_date,
        lag(order_date) over (order by order_date) as date_before,
        sum(orders) over (order by order_date desc) as orders_from_here,
        sum(orders) over () as all_orders
    from days

),

-- The first day after a year without an order, if only a hundredth come later.
lone as (

    select min(order_date) as first_date
    from placed
    where
        {{ days_between('date_before', 'order_date') }} > 366
        and orders_from_here * 100 <= all_orders

)

select
    orders.order_id,
    orders.order_date
from orders
inner join lone on orders.order_date >= lone.first_date
