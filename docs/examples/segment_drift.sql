-- What has drifted since the model was fitted?
select measure, feature, psi, warn_above, drifted_above, status
from segment_drift
where segmentation = 'customer'
order by psi desc, measure, feature;
