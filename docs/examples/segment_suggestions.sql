-- What to do with each segment?
select segment_id, segment_name, kind, suggestion, aims_at, success
from segment_suggestions
where segmentation = 'customer'
order by segment_id;
