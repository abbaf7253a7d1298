-- What was wrong with the source, and what was done?
select table_name, check_name, rows, share, action
from data_quality
where rows > 0 and action not in ('read', 'kept')
order by rows desc, table_name, check_name;
