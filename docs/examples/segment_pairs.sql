-- Which neighbouring segments are groups apart, and which feature tells them apart?
select segment_name, other_segment_name, verdict, fall, feature
from segment_pairs
where segmentation = 'customer'
order by segment_id, other_segment_id;
