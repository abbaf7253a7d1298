-- Which segment continues which?
select model_version, old_id, new_id, kind, overlap
from segment_matches
where segmentation = 'customer'
order by model_version, new_id, old_id;
