-- Who spends, by country?
select
    country,
    count(*) as customers,
    sum(total_spend) as spend,
    avg(return_rate) as return_rate
from customer_features
group by country
order by spend desc
limit 10;
