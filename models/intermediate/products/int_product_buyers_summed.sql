with product_orders as (

    select * from {{ ref('int_product_orders_summed') }}

)

select
    product_id,
    customer_id,
    count(*) as orders,
    sum(items) as items,
    sum(kept_items) as kept_items,
    sum(kept_items_without_cost) as kept_items_without_cost,
    sum(cancelled_items) as cancelled_items,
    sum(returned_items) as returned_items,
    sum(asked) as asked,
    sum(revenue) as revenue,
    sum(margin) as margin,
    sum(asked_at_known_cost) as asked_at_known_cost,
    sum(markup) as markup,
    max(ordered_at) as last_ordered_at
from product_orders
group by product_id, customer_id
