-- Points of a picture in which neighbours stay neighbours.
select customer_id, x, y, segment_name
from customer_map
order by customer_id
limit 10;
