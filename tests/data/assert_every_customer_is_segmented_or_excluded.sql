-- Every customer of the shop is in customer_segments or in
-- customer_exclusions, once, and nobody else is.
with customers as (

    select customer_id from {{ ref('shop_customers') }}

),

placed as (

    select customer_id from {{ ref('customer_segments') }}
    union all
    select customer_id from {{ ref('customer_exclusions') }}

),

placements as (

    select
        customer_id,
        count(*) as places
    from placed
    group by customer_id

)

select
    customers.customer_id as shop_customer_id,
    placements.customer_id,
    placements.places
from customers
full outer join placements
    on customers.customer_id = placements.customer_id
where
    customers.customer_id is null
    or placements.places is distinct from 1
