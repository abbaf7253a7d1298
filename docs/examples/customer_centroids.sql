-- The middle of each segment, axis by axis.
select segment_id, component, centroid, customers
from customer_centroids
order by segment_id, component;
