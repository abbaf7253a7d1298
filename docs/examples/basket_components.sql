-- What is in a typical basket?
select component, rank, category, weight
from basket_components
where rank <= 5
order by component, rank;
