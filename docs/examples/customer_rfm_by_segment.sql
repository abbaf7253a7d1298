-- Which cells make up a segment?
select segment_name, rfm_cell, customers, share_of_segment
from customer_rfm_by_segment
where share_of_segment >= 0.1
order by segment_id, cell_order;
