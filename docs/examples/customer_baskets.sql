-- How many customers lean to each typical basket?
select component, component_name, count(*) as customers
from customer_baskets
where component is not null
group by component, component_name
order by component;
