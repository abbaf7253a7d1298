with lines as (

    select
        *,
        cast(sales as decimal(18, 2)) as amount,
        max(order_date) over () as newest_date
    from {{ ref('vehicle_lines') }}

)

select
    customer_name,
    min(country) as country,
    min(territory) as territory,
    count(distinct order_number) as orders,
    count(distinct product_line) as product_lines,
    cast(sum(units) as bigint) as units,
    cast(sum(amount) as decimal(18, 2)) as sales,
    cast(sum(amount) / count(distinct order_number) as decimal(18, 2))
        as average_order_value,
    cast(sum(amount) / sum(units) as decimal(18, 2)) as average_price,
    cast(
        cast(count(case when deal_size = 'Large' then 1 end) as double)
        / count(*) as double
    ) as large_deal_share,
    {{ dbt.datediff('max(order_date)', 'max(newest_date)', 'day') }}
        as days_since_last_order,
    max(order_date) as last_order_date
from lines
group by customer_name
