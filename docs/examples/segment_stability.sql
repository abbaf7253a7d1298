-- Which segments would come back from other customers?
select segment_id, segment_name, jaccard, verdict
from segment_stability
where segmentation = 'customer'
order by jaccard, segment_id;
