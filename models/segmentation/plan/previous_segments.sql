{{ config(materialized='table') }}

with changes as (

    {{ segmentation.earlier(source('segmentation_state', 'segment_changes'), [
        ['segmentation', 'string'], ['unit_id', 'string'],
        ['as_of_date', 'date'], ['segment_id', 'bigint'],
    ]) | indent(4) }}

),

matched as (

    {{ segmentation.earlier(source('segmentation_state', 'fit_segments'), [
        ['segmentation', 'string'], ['model_version', 'bigint'],
        ['new_id', 'bigint'], ['segment_name', 'string'],
    ]) | indent(4) }}

),

units as (

    select
        segmentation,
        as_of_date
    from {{ ref('unit_counts') }}

),

active as (

    select * from {{ ref('earlier_events') }}
    where is_active

),

active_segments as (

    select
        matched.segmentation,
        matched.new_id as segment_id
    from matched
    inner join active
        on
            matched.segmentation = active.segmentation
            and matched.model_version = active.model_version
    where matched.segment_name is not null

),

stored as (

    select
        changes.segmentation,
        changes.unit_id,
        changes.segment_id
    from changes
    inner join active on changes.segmentation = active.segmentation
    where changes.unit_id is not null
    qualify row_number() over (
        partition by changes.segmentation, changes.unit_id
        order by changes.as_of_date desc
    ) = 1

),

-- Building the same date again starts from the same place.
before_as_of as (

    select
        changes.segmentation,
        changes.unit_id,
        changes.segment_id
    from changes
    inner join units
        on
            changes.segmentation = units.segmentation
            and changes.as_of_date < units.as_of_date
    where changes.unit_id is not null
    qualify row_number() over (
        partition by changes.segmentation, changes.unit_id
        order by changes.as_of_date desc
    ) = 1

)

select
    stored.segmentation,
    stored.unit_id,
    active_segments.segment_id as stored_segment_id,
    before_as_of.segment_id as earlier_segment_id
from stored
left join active_segments
    on
        stored.segmentation = active_segments.segmentation
        and stored.segment_id = active_segments.segment_id
left join before_as_of
    on
        stored.segmentation = before_as_of.segmentation
        and stored.unit_id = before_as_of.unit_id
