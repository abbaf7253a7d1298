-- Which features say the same thing?
select feature_a, feature_b, value
from feature_correlations
where segmentation = 'customer' and measure = 'spearman' and abs(value) >= 0.7
order by abs(value) desc, feature_a, feature_b;
