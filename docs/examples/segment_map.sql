-- Points of a picture in which neighbours stay neighbours.
select unit_id, x, y, segment_name
from segment_map
where segmentation = 'customer'
order by unit_id
limit 10;
