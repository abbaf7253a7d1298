-- What is segmented, by which model, and is any of it old?
select segmentation, unit, model_version, as_of_date, units, is_stale, reason
from segmentations
order by segmentation;
