-- How many came back within 90 days, of those old enough to tell?
select
    segment_name,
    sum(customers_returned) / nullif(sum(customers_observable), 0) as returned
from segment_retention
where window_days = 90
group by segment_id, segment_name
order by segment_id;
