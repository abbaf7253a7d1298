-- How many segments, and why?
select k, silhouette, silhouette_se, gap, stability, is_selected, reason
from customer_k_candidates
order by k;
