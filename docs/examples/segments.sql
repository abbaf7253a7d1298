-- Which segments bring in more than their size?
select segment_name, description, share, revenue_share
from segments
where segmentation = 'customer'
order by revenue_share / share desc, segment_id;
