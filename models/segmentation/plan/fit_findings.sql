-- noqa: disable=AM04
{{ config(materialized='table') }}

with policies as (

    select * from {{ ref('policies') }}

),

available as (

    select * from {{ ref('unit_counts') }}
    where objection is null

),

earlier_events as (

    select * from {{ ref('earlier_events') }}

),

feature_drift as (

    select * from {{ ref('feature_drift') }}

),

last_fit as (

    select
        segmentation,
        max(model_version) as model_version
    from earlier_events
    group by segmentation

),

active as (

    select * from earlier_events
    where is_active

),

-- The version that served on the last date before this one: building a date
-- again finds the same one, so that what a refit did stays a refit.
served_before as (

    select
        earlier_events.segmentation,
        earlier_events.model_version
    from earlier_events
    inner join available
        on
            earlier_events.segmentation = available.segmentation
            and earlier_events.as_of_date < available.as_of_date
    where earlier_events.event = 'applied'
    qualify row_number() over (
        partition by earlier_events.segmentation
        order by earlier_events.event_number desc
    ) = 1

),

earlier_activations as (

    select
        segmentation,
        recipe_hash,
        model_version
    from earlier_events
    where event = 'activated'
    qualify row_number() over (
        partition by segmentation, recipe_hash order by event_number desc
    ) = 1

),

rejected as (

    select
        segmentation,
        recipe_hash,
        data_fingerprint,
        max(model_version) as model_version
    from earlier_events
    where event = 'rejected'
    group by segmentation, recipe_hash, data_fingerprint

),

drifted as (

    select
        feature_drift.segmentation,
        min(feature_drift.feature) as first_feature
    from feature_drift
    inner join policies
        on feature_drift.segmentation = policies.segmentation
    where
        feature_drift.is_trigger
        and feature_drift.psi
        > policies.drift_refit + feature_drift.chance_psi
    group by feature_drift.segmentation

)

select
    policies.*,
    available.as_of_date,
    available.rows_available,
    available.data_fingerprint,
    active.model_version as active_version,
    active.recipe_name as active_recipe_name,
    served_before.model_version as served_before_version,
    coalesce(last_fit.model_version, 0) + 1 as next_version,
    rejected.model_version as rejected_version,
    case
        when policies.recipe_hash <> active.recipe_hash
            then earlier_activations.model_version
    end as returning_version,
    -- The first reason to fit that holds, or null.
    case
        when active.model_version is null then 'there was no model yet'
        when policies.refit = 'always' then 'refit is set to always'
        when active.recipe_hash <> policies.recipe_hash
            then 'the recipe changed'
        when {{ dbt.datediff(
            'active_fit.as_of_date', 'available.as_of_date', 'day'
        ) }} > policies.max_model_age_days
            then concat(
                'the model is older than ',
                cast(policies.max_model_age_days as string), ' days'
            )
        when drifted.first_feature is not null
            then concat(
                'the feature ', drifted.first_feature, ' drifted'
            )
    end as fit_reason
from policies
inner join available on policies.segmentation = available.segmentation
left join last_fit on policies.segmentation = last_fit.segmentation
left join drifted on policies.segmentation = drifted.segmentation
left join active on policies.segmentation = active.segmentation
left join earlier_events as active_fit
    on
        active.segmentation = active_fit.segmentation
        and active.model_version = active_fit.model_version
        and active_fit.event = 'fitted'
left join served_before
    on policies.segmentation = served_before.segmentation
left join earlier_activations
    on
        policies.segmentation = earlier_activations.segmentation
        and policies.recipe_hash = earlier_activations.recipe_hash
left join rejected
    on
        policies.segmentation = rejected.segmentation
        and policies.recipe_hash = rejected.recipe_hash
        and available.data_fingerprint = rejected.data_fingerprint
