-- Who is in each segment, to be retyped in another system?
select segment_id, segment_name, rule, rule_precision, rule_recall, fidelity
from segment_rules
where segmentation = 'customer'
order by segment_id;
