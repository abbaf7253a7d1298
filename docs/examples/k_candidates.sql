-- How many segments, and why?
select k, silhouette, silhouette_se, gap, stability, is_selected, reason
from k_candidates
where segmentation = 'customer'
order by k;
