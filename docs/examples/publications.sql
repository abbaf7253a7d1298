-- What was published, and did its content change?
select table_name, rows, content_hash, published_at, model_version
from publications
order by table_name;
