-- What to do with each segment?
select segment_id, segment_name, kind, suggestion
from customer_segment_suggestions
order by segment_id;
