-- Expected and observed, segment by segment of the earlier day.
select group_name, units, buyers, expected_spend, observed_spend, spend_share
from predictive_value_by_group
where predictor = 'segments'
order by observed_spend desc, group_name;
