-- Why do customers have no segment?
select reason, count(*) as customers
from exclusions
where segmentation = 'customer'
group by reason
order by customers desc, reason;
