-- What is more common in a segment than elsewhere?
select segment_name, feature, value, share, population_share, lift
from cluster_report
where segmentation = 'customer' and lift >= 1.5 and share >= 0.1
order by segment_id, lift desc, feature, rank;
