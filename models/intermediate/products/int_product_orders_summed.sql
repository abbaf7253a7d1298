with order_items as (

    select * from {{ ref('int_order_items_counted') }}
    where product_id is not null

)

select
    product_id,
    order_id,
    customer_id,
    ordered_at,
    count(*) as items,
    count_if(is_kept) as kept_items,
    count_if(is_kept and cost is null) as kept_items_without_cost,
    count_if(is_cancelled) as cancelled_items,
    count_if(is_returned) as returned_items,
    sum(sale_price) as asked,
    coalesce(sum(sale_price) filter (where is_kept), 0) as revenue,
    coalesce(sum(sale_price - cost) filter (where is_kept), 0) as margin,
    sum(sale_price) filter (where cost is not null) as asked_at_known_cost,
    sum(sale_price - cost) as markup
from order_items
group by product_id, order_id, customer_id, ordered_at
