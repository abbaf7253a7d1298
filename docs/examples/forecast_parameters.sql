-- What was fitted, or why nothing could be.
select parameter, value, meaning
from forecast_parameters
order by parameter;
