-- Whom to write to: clear members of segment 1, the clearest first.
select customer_id, segment_name, confidence
from customer_segments
where segment_id = 1 and confidence >= 0.3
order by confidence desc, customer_id
limit 10;
