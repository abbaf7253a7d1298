with lines as (

    select
        *,
        cast(sales as decimal(18, 2)) as amount
    from {{ ref('vehicle_lines') }}

)

select
    product_line,
    count(distinct product_code) as products,
    count(distinct customer_name) as customers,
    count(distinct order_number) as orders,
    cast(sum(units) as bigint) as units,
    cast(sum(amount) as decimal(18, 2)) as sales,
    cast(sum(amount) / sum(units) as decimal(18, 2)) as average_price,
    cast(
        sum(amount) / sum(cast(units * list_price as decimal(18, 2))) as double
    ) as price_to_list,
    max(order_date) as last_order_date
from lines
group by product_line
