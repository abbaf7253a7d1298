{{ config(
    materialized='table',
    post_hook="{{ segmentation.say('warning') }}",
) }}

with plan as (

    select * from {{ ref('fit_plan') }}

),

policies as (

    select * from {{ ref('policies') }}

),

facts as (

    select * from {{ ref('fit_facts') }}

),

earlier_fits as (

    select * from {{ ref('earlier_events') }}
    where event = 'fitted'

),

segment_sizes as (

    select distinct
        segmentation,
        model_version,
        cluster,
        fitted_rows
    from {{ ref('fit_clusters') }}

),

smallest_segments as (

    select
        segmentation,
        model_version,
        min(fitted_rows) as smallest_size,
        cast(min(fitted_rows) as double) / sum(fitted_rows) as smallest_share
    from segment_sizes
    group by segmentation, model_version

),

-- A version just fitted has to pass its gates against the one that serves; the
-- very first always does, and a changed recipe is not held to the separation
-- of another recipe's model. Separation is compared on the same rows: the
-- active model's silhouette of its own day says nothing about today's.
gates as (

    select
        plan.*,
        case
            when not plan.is_fit or plan.active_version is null then null
            when smallest_segments.smallest_size = 0
                then 'one of its segments is empty'
            when
                smallest_segments.smallest_share
                < policies.minimum_active_share
                then concat(
                    'its smallest segment is below minimum_active_share (',
                    cast(policies.minimum_active_share as string), ')'
                )
            when
                plan.recipe_hash = active_fit.recipe_hash
                and facts.separation
                < facts.active_separation - policies.maximum_separation_loss
                then concat(
                    'on the same rows its silhouette is ',
                    cast(cast(facts.separation as decimal(4, 3)) as string),
                    ' and the active model''s ',
                    cast(
                        cast(facts.active_separation as decimal(4, 3))
                        as string
                    ),
                    ', a loss of more than maximum_separation_loss (',
                    cast(policies.maximum_separation_loss as string), ')'
                )
        end as objection
    from plan
    inner join policies on plan.segmentation = policies.segmentation
    left join facts
        on
            plan.segmentation = facts.segmentation
            and plan.model_version = facts.model_version
    left join smallest_segments
        on
            plan.segmentation = smallest_segments.segmentation
            and plan.model_version = smallest_segments.model_version
    left join earlier_fits as active_fit
        on
            plan.segmentation = active_fit.segmentation
            and plan.active_version = active_fit.model_version

)

select
    segmentation,
    case
        when objection is null then model_version
        else active_version
    end as model_version,
    active_version as earlier_version,
    model_version as planned_version,
    is_fit,
    objection is not null as is_rejected,
    case
        when objection is null then reason
        else concat(
            reason, ', but the new model stays a candidate: ', objection
        )
    end as reason,
    case when objection is not null then concat(
        upper(left(segmentation, 1)), substr(segmentation, 2),
        ' model: version ', cast(model_version as string),
        ' was fitted because ', reason,
        ', but the new model stays a candidate: ', objection, '. Version ',
        cast(active_version as string), ' goes on serving.'
    ) end as warning
from gates
