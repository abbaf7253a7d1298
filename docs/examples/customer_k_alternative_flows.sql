-- Which segment splits when there is one more?
select from_k, from_segment_name, to_k, to_segment_name, customers, share
from customer_k_alternative_flows
where share between 0.05 and 0.95
order by from_k, from_segment, to_segment;
