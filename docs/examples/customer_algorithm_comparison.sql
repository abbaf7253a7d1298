-- What would other methods have found?
select algorithm, segments, noise_share, silhouette, ari, stability
from customer_algorithm_comparison
order by ari desc, algorithm;
