-- Which features make the segments: those whose absence changes most.
select feature, agreement
from feature_importance
where segmentation = 'customer'
order by agreement, feature;
