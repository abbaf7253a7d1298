-- Which segments would come back from other customers?
select segment_id, segment_name, jaccard, verdict
from customer_segment_stability
order by jaccard, segment_id;
