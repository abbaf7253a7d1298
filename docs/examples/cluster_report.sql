-- What is more common in a segment than elsewhere?
select segment_name, feature, value, share, rest_share, rest_lift
from cluster_report
where segmentation = 'customer' and is_clear and rest_lift >= 1.5 and share >= 0.1
order by segment_id, rest_lift desc, feature, rank;
