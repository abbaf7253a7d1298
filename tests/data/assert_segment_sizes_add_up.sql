-- The cluster report, counted on bands, shows every segment under its name,
-- with the share of the units that the segments put there.
with segments as (

    select
        unit_segments.segmentation,
        unit_segments.segment_id,
        unit_segments.segment_name,
        count(*) as units,
        sum(count(*)) over (
            partition by unit_segments.segmentation
        ) as all_units
    from {{ ref('unit_segments') }} as unit_segments
    inner join {{ ref('serving_models') }} as serving_models
        on unit_segments.segmentation = serving_models.segmentation
    group by
        unit_segments.segmentation,
        unit_segments.segment_id,
        unit_segments.segment_name

),

report as (

    select distinct
        segmentation,
        segment_id,
        segment_name,
        segment_share
    from {{ ref('cluster_report') }}

)

select
    segments.segmentation,
    segments.segment_id,
    report.segmentation as reported_segmentation,
    report.segment_id as reported_segment_id,
    report.segment_share
from segments
full outer join report
    on
        segments.segmentation = report.segmentation
        and segments.segment_id = report.segment_id
        and segments.segment_name = report.segment_name
where
    segments.segment_id is null
    or report.segment_id is null
    or round(report.segment_share * segments.all_units) <> segments.units
