-- The segments there would be with one more and one less.
select k, is_selected, segment, segment_name, count(*) as customers
from customer_k_alternatives
group by all
order by k, segment;
