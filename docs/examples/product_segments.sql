-- Product segments with what they bring in.
select
    product_segments.segment_id,
    product_segments.segment_name,
    count(*) as products,
    sum(product_features.revenue) as revenue
from product_segments
inner join product_features
    on product_segments.product_id = product_features.product_id
group by product_segments.segment_id, product_segments.segment_name
order by product_segments.segment_id;
