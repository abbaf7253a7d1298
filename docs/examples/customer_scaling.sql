-- What becomes of each feature before it is clustered?
select feature, level, transform, center, scale, weight
from customer_scaling
order by position, level;
