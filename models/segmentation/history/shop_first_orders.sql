{{ config(enabled=segmentation.has_segmentation('customer')) }}

{#- Recorded after the audits, like the segments of these customers. -#}
{% set recorded_after = ref('segment_changes') %}
with customer_features as (

    select * from {{ ref('customer_features') }}

)

select
    customer_id,
    cast(first_order_at as date) as first_order_on
from customer_features
order by md5(cast(customer_id as string)), customer_id
limit 1000
