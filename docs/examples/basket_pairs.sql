-- What is bought together more often than chance explains?
select category_a, category_b, customers_both, lift, lift_low, lift_high
from basket_pairs
order by lift desc, category_a, category_b;
