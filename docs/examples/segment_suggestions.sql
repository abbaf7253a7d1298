-- What to do with each segment, and what is at stake?
select segment_id, kind, suggestion, aims_at, success, expected_value, value_at_risk
from segment_suggestions
where segmentation = 'customer'
order by segment_id;
