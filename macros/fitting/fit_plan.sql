{#-
    What this build does about the model of a segmentation, decided in SQL from
    the recipe, the data, the policy and the log of earlier builds: one row.
    The first reason that holds decides; see docs/living-model.md.
-#}
{% macro fit_plan(entity, as_of) %}
{% set features_model = entity ~ '_features' %}
{% set recipe = segmentation.resolved_recipe(entity, features_model) %}
{% set recipe_json = tojson(recipe, sort_keys=true) %}
{% set policy = segmentation.segmentation_policy(entity) %}
{% set columns = segmentation.feature_columns(features_model) | map(attribute='name') | list %}
with features as (

    select * from {{ ref(features_model) }}

),

as_of as (

    select as_of_date from {{ as_of }}

),

earlier_events as (

    select * from {{ ref('int_' ~ entity ~ '_earlier_events') }}

),

feature_drift as (

    select * from {{ ref('int_' ~ entity ~ '_feature_drift') }}

),

available as (

    select
        cast(count(*) as bigint) as rows_available,
        {{ segmentation.row_set_hash(columns) }} as data_fingerprint,
        '{{ local_md5(recipe_json) }}' as recipe_hash
    from features

),

last_fit as (

    select coalesce(max(model_version), 0) as model_version
    from earlier_events

),

active as (

    select
        model_version,
        recipe_name,
        recipe_hash
    from earlier_events
    where event = 'activated'
    qualify row_number() over (order by event_number desc) = 1

),

active_fit as (

    select earlier_events.as_of_date
    from earlier_events
    inner join active on earlier_events.model_version = active.model_version
    where earlier_events.event = 'fitted'

),

earlier_activations as (

    select
        recipe_hash,
        max(model_version) as model_version
    from earlier_events
    where event = 'activated'
    group by recipe_hash

),

rejected as (

    select
        recipe_hash,
        data_fingerprint,
        max(model_version) as model_version
    from earlier_events
    where event = 'rejected'
    group by recipe_hash, data_fingerprint

),

drifted as (

    select
        count(*) as feature_count,
        min(feature) as first_feature
    from feature_drift
    where is_trigger and psi > {{ policy['drift_refit'] }} + chance_psi

),

findings as (

    select
        available.*,
        active.model_version as active_version,
        active.recipe_name as active_recipe_name,
        last_fit.model_version + 1 as next_version,
        rejected.model_version as rejected_version,
        case
            when available.recipe_hash <> active.recipe_hash
                then earlier_activations.model_version
        end as returning_version,
        {{ segmentation.fit_reason(policy) }} as fit_reason
    from available
    cross join last_fit
    cross join drifted
    cross join as_of
    left join active on 1 = 1
    left join active_fit on 1 = 1
    left join earlier_activations
        on available.recipe_hash = earlier_activations.recipe_hash
    left join rejected
        on available.recipe_hash = rejected.recipe_hash
        and available.data_fingerprint = rejected.data_fingerprint

),

decided as (

    select
        *,
        {{ segmentation.is_fit(policy) }} as is_fit
    from findings

)

select
    is_fit,
    {{ segmentation.plan_reason(policy) }} as reason,
    cast(
        case
            when is_fit then next_version
            else {{ segmentation.served_version(policy) }}
        end as bigint
    ) as model_version,
    cast(active_version as bigint) as active_version,
    coalesce(active_recipe_name = '{{ recipe['name'] }}', false) as is_matched,
    '{{ recipe['name'] }}' as recipe_name,
    '{{ recipe_json | replace("'", "''") }}' as recipe,
    recipe_hash,
    cast({{ policy['match_floor'] }} as double) as match_floor,
    data_fingerprint,
    rows_available,
    cast(least(rows_available, {{ recipe['max_fit_rows'] }}) as bigint)
        as rows_fitted
from decided
{% endmacro %}
