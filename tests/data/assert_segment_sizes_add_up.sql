-- The cluster report, counted on bands, shows every segment under its name,
-- with the share of the customers that customer_segments puts there.
with segments as (

    select
        segment_id,
        segment_name,
        count(*) as customers
    from {{ ref('customer_segments') }}
    group by segment_id, segment_name

),

total as (

    select count(*) as customers from {{ ref('customer_segments') }}

),

report as (

    select distinct
        segment_id,
        segment_name,
        segment_share
    from {{ ref('customer_cluster_report') }}

)

select
    segments.segment_id,
    report.segment_id as reported_segment_id,
    report.segment_share
from segments
cross join total
full outer join report
    on
        segments.segment_id = report.segment_id
        and segments.segment_name = report.segment_name
where
    segments.segment_id is null
    or report.segment_id is null
    or round(report.segment_share * total.customers) <> segments.customers
