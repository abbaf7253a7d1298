{{ config(enabled=segmentation.has_segmentation('customer')) }}

with customer_segments as (

    select * from {{ ref('customer_segments') }}

),

forecasts as (

    select * from {{ ref('customer_value_forecast') }}

)

select
    segments.segment_id,
    segments.segment_name,
    max(forecasts.horizon_days) as horizon_days,
    count(*) as customers,
    {{ segmentation.exact_mean('forecasts.probability_active') }}
        as probability_active,
    cast(sum(cast(forecasts.expected_orders as decimal(18, 6))) as double)
        as expected_orders,
    cast(sum(forecasts.expected_value) as decimal(18, 2)) as expected_value,
    {{ divide_money('sum(forecasts.expected_value)', 'count(*)') }}
        as expected_value_per_customer,
    cast(sum(forecasts.value_at_risk) as decimal(18, 2)) as value_at_risk
from customer_segments as segments
inner join forecasts on segments.customer_id = forecasts.customer_id
group by segments.segment_id, segments.segment_name
