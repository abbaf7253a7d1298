-- The segments there would be with one more and one less.
select k, is_selected, segment, segment_name, count(*) as customers
from k_alternatives
where segmentation = 'customer'
group by all
order by k, segment;
