-- The size of each segment, date by date.
pivot (from segment_sizes where segmentation = 'customer')
on segment_id
using sum(units)
group by as_of_date
order by as_of_date;
