-- The size of each segment, date by date.
pivot segment_sizes_over_time
on segment_id
using sum(customers)
group by as_of_date
order by as_of_date;
