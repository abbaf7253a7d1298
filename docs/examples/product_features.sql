-- Products that earn although they are returned.
select product_name, brand, units, revenue, margin, return_rate
from product_features
where return_rate >= 0.2
order by margin desc, product_id
limit 10;
