-- In a build of the newest date, everyone's open interval of
-- customer_segment_history is the segment in customer_segments, and nobody
-- without a segment has one.
with as_of as (

    select newest.as_of_date
    from {{ ref('as_of') }} as newest
    where newest.as_of_date >= (
        select max(events.as_of_date)
        from {{ ref('customer_model_log') }} as events
        where events.event = 'applied'
    )

),

segments as (

    select
        segments.customer_id,
        segments.segment_id
    from {{ ref('customer_segments') }} as segments
    cross join as_of

),

intervals as (

    select
        history.customer_id,
        history.segment_id
    from {{ ref('customer_segment_history') }} as history
    cross join as_of
    where history.valid_to is null

)

select
    coalesce(segments.customer_id, intervals.customer_id) as customer_id,
    segments.segment_id,
    intervals.segment_id as segment_id_in_history
from segments
full outer join intervals on segments.customer_id = intervals.customer_id
where segments.segment_id is distinct from intervals.segment_id
