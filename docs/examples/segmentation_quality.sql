-- Can the segments be believed?
select model_version, k, has_structure, verdict, smallest_stability
from segmentation_quality
where segmentation = 'customer'
order by model_version desc;
