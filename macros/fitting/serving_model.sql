{#-
    Which version this build publishes: one row. A version just fitted has to
    pass its gates against the one that serves; the very first always does, and
    a changed recipe is not held to the separation of another recipe's model.
    Separation is compared on the same rows: the active model's silhouette of
    its own day says nothing about today's.
-#}
{% macro serving_model(entity) %}
{% set policy = segmentation.segmentation_policy(entity) %}
with plan as (

    select * from {{ ref('int_' ~ entity ~ '_fit_plan') }}

),

earlier_events as (

    select * from {{ ref('int_' ~ entity ~ '_earlier_events') }}

),

facts as (

    select * from {{ ref('fit_' ~ entity ~ '_facts') }}

),

segment_sizes as (

    select distinct
        model_version,
        cluster,
        fitted_rows
    from {{ ref('fit_' ~ entity ~ '_kmeans') }}

),

smallest_segments as (

    select
        model_version,
        min(fitted_rows) as smallest_size,
        cast(min(fitted_rows) as double) / sum(fitted_rows) as smallest_share
    from segment_sizes
    group by model_version

),

active_fit as (

    select earlier_events.recipe_hash
    from earlier_events
    inner join plan on earlier_events.model_version = plan.active_version
    where earlier_events.event = 'fitted'

),

gates as (

    select
        plan.*,
        case
            when not plan.is_fit or plan.active_version is null then null
            when smallest_segments.smallest_size = 0
                then 'one of its segments is empty'
            when smallest_segments.smallest_share < {{ policy['minimum_active_share'] }}
                then 'its smallest segment is below minimum_active_share ({{ policy['minimum_active_share'] }})'
            when plan.recipe_hash = active_fit.recipe_hash
                and facts.separation
                < facts.active_separation - {{ policy['maximum_separation_loss'] }}
                then concat(
                    'on the same rows its silhouette is ',
                    cast(cast(facts.separation as decimal(4, 3)) as string),
                    ' and the active model''s ',
                    cast(cast(facts.active_separation as decimal(4, 3)) as string),
                    ', a loss of more than maximum_separation_loss ({{ policy['maximum_separation_loss'] }})'
                )
        end as objection
    from plan
    left join facts on plan.model_version = facts.model_version
    left join smallest_segments
        on plan.model_version = smallest_segments.model_version
    left join active_fit on 1 = 1

)

select
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
        else concat(reason, ', but the new model stays a candidate: ', objection)
    end as reason
from gates
{% endmacro %}
