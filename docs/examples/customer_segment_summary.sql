-- Which segments bring in more than their size?
select segment_name, description, share, revenue_share
from customer_segment_summary
order by revenue_share / share desc, segment_id;
