-- How many typical baskets, and why?
select components, reconstruction_error, error_drop, random_drop, reason
from basket_candidates
order by components;
