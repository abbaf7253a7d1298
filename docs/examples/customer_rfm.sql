-- The yardstick: customers by RFM cell.
select rfm_cell, count(*) as customers, sum(total_spend) as spend
from customer_rfm
group by rfm_cell
order by spend desc, rfm_cell;
