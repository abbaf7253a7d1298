-- The middle of each segment, axis by axis.
select segment_id, component, centroid, units
from centroids
where segmentation = 'customer'
order by segment_id, component;
