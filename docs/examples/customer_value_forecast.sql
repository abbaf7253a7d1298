-- Whom to keep first: customers whose leaving costs most.
select customer_id, probability_active, expected_value, value_at_risk
from customer_value_forecast
order by value_at_risk desc, customer_id
limit 5;
