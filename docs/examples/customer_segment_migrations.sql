-- Who moved on the newest date?
select from_segment_id, to_segment_id, cause, customers, share
from customer_segment_migrations
where as_of_date = (select max(as_of_date) from customer_segment_migrations)
order by customers desc, from_segment_id, to_segment_id;
