-- Which names were given by hand?
select segment_id, segment_name, automatic_name, override_reason
from customer_segment_names
order by segment_id;
