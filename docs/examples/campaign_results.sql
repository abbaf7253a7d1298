-- What every campaign was worth so far.
select campaign, measure, days, treated, controls, difference, low, high, sentence
from campaign_results
order by campaign, measure;
