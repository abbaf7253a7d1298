-- Whom to write to: clear members of segment 1, the clearest first.
select customer_id, segment_name, margin
from customer_segments
where segment_id = 1 and margin >= 0.3
order by margin desc, customer_id
limit 10;
