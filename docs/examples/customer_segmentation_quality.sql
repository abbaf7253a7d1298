-- Can the segments be believed?
select model_version, k, has_structure, verdict, smallest_stability
from customer_segmentation_quality
order by model_version desc;
