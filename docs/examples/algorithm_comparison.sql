-- What would other methods have found?
select algorithm, segments, noise_share, silhouette, ari, stability
from algorithm_comparison
where segmentation = 'customer'
order by ari desc, algorithm;
