-- Who is in which segment today, and since when?
select segment_name, min(valid_from) as earliest, count(*) as customers
from customer_segment_history
where valid_to is null
group by segment_id, segment_name
order by segment_id;
