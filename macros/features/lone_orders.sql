{#- After a year without an order, if only a hundredth of all come later. -#}
{% macro lone_orders(orders) %}
    with days as (
        select
            cast(ordered_at as date) as order_date,
            count(*) as orders
        from {{ orders }}
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

    first_lone_day as (
        select min(order_date) as order_date
        from placed
        where
            {{ segmentation.days_between('date_before', 'order_date') }} > 366
            and orders_from_here * 100 <= all_orders
    )

    select
        placed_orders.order_id,
        cast(placed_orders.ordered_at as date) as order_date
    from {{ orders }} as placed_orders
    inner join first_lone_day
        on cast(placed_orders.ordered_at as date) >= first_lone_day.order_date
{%- endmacro %}
