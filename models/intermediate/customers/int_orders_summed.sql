with

orders as (

    select * from {{ ref('int_orders_counted') }}

),

order_items as (

    select * from {{ ref('int_order_items_counted') }}

),

items_by_order as (

    select
        order_id,
        count(*) as items,
        count_if(is_kept) as kept_items,
        count_if(is_kept and cost is null) as items_without_cost,
        count_if(is_cancelled) as cancelled_items,
        count_if(is_returned) as returned_items,
        sum(sale_price) filter (where is_kept) as spend,
        sum(sale_price - cost) filter (where is_kept) as margin
    from order_items
    group by order_id

),

final as (

    select
        orders.order_id,
        orders.customer_id,
        orders.ordered_at,
        coalesce(items_by_order.items, 0) as items,
        coalesce(items_by_order.kept_items, 0) as kept_items,
        coalesce(items_by_order.items_without_cost, 0) as items_without_cost,
        coalesce(items_by_order.cancelled_items, 0) as cancelled_items,
        coalesce(items_by_order.returned_items, 0) as returned_items,
        coalesce(items_by_order.spend, 0) as spend,
        coalesce(items_by_order.margin, 0) as margin
    from orders
    left join items_by_order on orders.order_id = items_by_order.order_id

)

select * from final
