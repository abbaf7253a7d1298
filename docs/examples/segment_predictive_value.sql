-- Revenue of the 20 % that each predictor puts first, beside fifths of spend.
select predictor, value, low, high, minus_fifths, minus_fifths_low, minus_fifths_high
from segment_predictive_value
where measure = 'best_fifth_share'
order by value desc;
