-- Which names were given by hand?
select segment_id, segment_name, automatic_name, override_reason
from segment_names
where segmentation = 'customer'
order by segment_id;
