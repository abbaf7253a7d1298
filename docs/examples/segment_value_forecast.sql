-- What each segment will bring, and what is at stake.
select segment_name, customers, expected_value, expected_value_per_customer, value_at_risk
from segment_value_forecast
order by expected_value desc, segment_id;
