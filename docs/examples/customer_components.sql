-- Where customers lie: one row per customer and axis.
select
    customer_id,
    unnest(range(1, len(components) + 1)) as component,
    unnest(components) as place
from customer_components
order by customer_id, component
limit 10;
