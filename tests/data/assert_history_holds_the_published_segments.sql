-- In a build of a segmentation's newest date, everyone's open interval is the
-- segment published, and nobody without a segment has one.
with newest as (

    select
        segmentation,
        max(as_of_date) as as_of_date
    from {{ ref('model_log') }}
    where event = 'applied'
    group by segmentation

),

built as (

    select fit_plan.segmentation
    from {{ ref('fit_plan') }} as fit_plan
    inner join {{ ref('serving_models') }} as serving_models
        on fit_plan.segmentation = serving_models.segmentation
    inner join newest
        on
            fit_plan.segmentation = newest.segmentation
            and fit_plan.as_of_date >= newest.as_of_date

),

segments as (

    select
        unit_segments.segmentation,
        unit_segments.unit_id,
        unit_segments.segment_id
    from {{ ref('unit_segments') }} as unit_segments
    inner join built on unit_segments.segmentation = built.segmentation

),

intervals as (

    select
        intervals.segmentation,
        intervals.unit_id,
        intervals.segment_id
    from ({{ segmentation.segment_intervals() | indent(4) }}) as intervals
    inner join built on intervals.segmentation = built.segmentation
    where intervals.valid_to is null and intervals.segment_id is not null

)

select
    coalesce(segments.segmentation, intervals.segmentation) as segmentation,
    coalesce(segments.unit_id, intervals.unit_id) as unit_id,
    segments.segment_id,
    intervals.segment_id as segment_id_in_history
from segments
full outer join intervals
    on
        segments.segmentation = intervals.segmentation
        and segments.unit_id = intervals.unit_id
where segments.segment_id is distinct from intervals.segment_id
