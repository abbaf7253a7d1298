-- Why do customers have no segment?
select reason, count(*) as customers
from customer_exclusions
group by reason
order by customers desc, reason;
