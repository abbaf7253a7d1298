-- Which segment splits when there is one more?
select from_k, from_segment_name, to_k, to_segment_name, units, share
from k_alternative_flows
where segmentation = 'customer' and share between 0.05 and 0.95
order by from_k, from_segment, to_segment;
