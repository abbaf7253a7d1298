{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ segmentation.forget_past(
        ref('shop_continuity') if segmentation.has_segmentation('customer'),
        plan=ref('fit_plan'),
    ) }}",
) }}
{#- Recorded after the audits, like the models that it is about. -#}
{% set recorded_after = ref('model_log') %}
with fit_plan as (

    select * from {{ ref('fit_plan') }}

),

serving_models as (

    select * from {{ ref('serving_models') }}

),

-- A segmentation that this build leaves out has no serving model here: its
-- members have not left.
segmented as (

    select
        unit_segments.segmentation,
        unit_segments.unit_id,
        unit_segments.segment_id
    from {{ ref('unit_segments') }} as unit_segments
    inner join serving_models
        on unit_segments.segmentation = serving_models.segmentation

),

earlier_segments as (

    select
        previous_segments.segmentation,
        previous_segments.unit_id,
        previous_segments.earlier_segment_id
    from {{ ref('previous_segments') }} as previous_segments
    inner join serving_models
        on previous_segments.segmentation = serving_models.segmentation
    where previous_segments.earlier_segment_id is not null

),

under_earlier_model as (

    select other_assignments.*
    from {{ ref('other_assignments') }} as other_assignments
    inner join fit_plan
        on
            other_assignments.segmentation = fit_plan.segmentation
            and other_assignments.model_version
            = fit_plan.served_before_version

),

-- Who was forgotten has rows without a unit. They count up to the build after
-- that, in which those leave: an arrival for which there is no departure.
unnamed as (

    {% if is_incremental() %}
        select
            segmentation,
            earlier_segment_id,
            segment_id,
            row_number() over (
                partition by segmentation, segment_id order by as_of_date
            ) as arrival,
            row_number() over (
                partition by segmentation, earlier_segment_id
                order by as_of_date
            ) as departure
        from {{ this }}
        where unit_id is null
    {% else %}
        select
            cast(null as string) as segmentation,
            cast(null as bigint) as earlier_segment_id,
            cast(null as bigint) as segment_id,
            cast(null as bigint) as arrival,
            cast(null as bigint) as departure
        where 1 = 0
    {% endif %}

),

recorded as (

    {% if is_incremental() %}
        select
            segmentation,
            max(as_of_date) as newest_date
        from {{ this }}
        group by segmentation
    {% else %}
        select
            cast(null as string) as segmentation,
            cast(null as date) as newest_date
        where 1 = 0
    {% endif %}

),

compared as (

    select
        coalesce(segmented.segmentation, earlier_segments.segmentation)
            as segmentation,
        coalesce(segmented.unit_id, earlier_segments.unit_id) as unit_id,
        earlier_segments.earlier_segment_id,
        segmented.segment_id
    from segmented
    full outer join earlier_segments
        on
            segmented.segmentation = earlier_segments.segmentation
            and segmented.unit_id = earlier_segments.unit_id
    union all
    select
        arrivals.segmentation,
        null as unit_id,
        arrivals.segment_id as earlier_segment_id,
        null as segment_id
    from unnamed as arrivals
    left join unnamed as departures
        on
            arrivals.segmentation = departures.segmentation
            and arrivals.segment_id = departures.earlier_segment_id
            and arrivals.arrival = departures.departure
    where
        arrivals.segment_id is not null
        and departures.segmentation is null

)

select
    compared.segmentation,
    compared.unit_id,
    fit_plan.as_of_date,
    compared.earlier_segment_id,
    compared.segment_id,
    case
        when compared.earlier_segment_id is null then 'joined'
        when compared.segment_id is null then 'left'
        when serving_models.model_version = fit_plan.served_before_version
            then 'behaviour'
        when under_earlier_model.segment_id = compared.segment_id
            then 'behaviour'
        else 'refit'
    end as cause,
    serving_models.model_version
from compared
inner join fit_plan on compared.segmentation = fit_plan.segmentation
inner join serving_models
    on compared.segmentation = serving_models.segmentation
left join recorded on compared.segmentation = recorded.segmentation
left join under_earlier_model
    on
        compared.segmentation = under_earlier_model.segmentation
        and compared.unit_id = under_earlier_model.unit_id
where
    compared.segment_id is distinct from compared.earlier_segment_id
    and fit_plan.as_of_date
    >= coalesce(recorded.newest_date, fit_plan.as_of_date)
