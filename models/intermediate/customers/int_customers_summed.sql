with

orders as (

    select * from {{ ref('int_orders_summed') }}

),

final as (

    select
        customer_id,
        count(*) as orders,
        count_if(kept_items > 0) as orders_with_kept_items,
        sum(items) as items,
        sum(items_without_cost) as items_without_cost,
        sum(cancelled_items) as cancelled_items,
        sum(returned_items) as returned_items,
        sum(spend) as spend,
        sum(margin) as margin,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at
    from orders
    group by customer_id

)

select * from final
