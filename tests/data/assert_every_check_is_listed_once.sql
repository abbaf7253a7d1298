-- A check appears once per table in data_quality, whose shape is a promise:
-- the same checks for every source.
select
    table_name,
    check_name,
    count(*) as listed
from {{ ref('data_quality') }}
group by table_name, check_name
having count(*) <> 1
