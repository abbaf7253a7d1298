-- What becomes of each feature before it is clustered?
select feature, level, transform, center, scale, weight
from scaling
where segmentation = 'customer'
order by position, level;
