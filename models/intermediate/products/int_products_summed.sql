with buyers as (

    select * from {{ ref('int_product_buyers_summed') }}

)

select
    product_id,
    sum(orders) as orders,
    count(*) as distinct_buyers,
    count_if(orders > 1) as repeat_buyers,
    sum(items) as items,
    sum(kept_items) as units,
    sum(kept_items_without_cost) as units_without_cost,
    sum(cancelled_items) as cancelled_items,
    sum(returned_items) as returned_items,
    sum(asked) as asked,
    sum(revenue) as revenue,
    sum(margin) as margin,
    sum(asked_at_known_cost) as asked_at_known_cost,
    sum(markup) as markup,
    max(last_ordered_at) as last_ordered_at
from buyers
group by product_id
