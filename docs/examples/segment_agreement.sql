-- Would a candidate model say the same? Empty while no candidate waits.
select other_version, avg(is_same::int) as share_same, count(*) as customers
from segment_agreement
where segmentation = 'customer'
group by other_version
order by other_version;
