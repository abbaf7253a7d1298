-- What was wrong with the source, and what was done?
select table_name, check_name, rows, share, money, action
from data_quality
where rows > 0 and check_name not in ('rows read', 'rows kept')
order by rows desc, table_name, check_name;
