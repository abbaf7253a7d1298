-- Who moved on the newest date?
select from_segment_id, to_segment_id, cause, units, share
from segment_migrations
where
    segmentation = 'customer'
    and as_of_date = (select max(as_of_date) from segment_migrations)
order by units desc, from_segment_id, to_segment_id;
