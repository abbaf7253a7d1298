{#-
    What this build does about the model of a segmentation, decided in SQL from
    the recipe, the data, the policy and the log of earlier builds: one row.
    The first reason that holds decides; see docs/living-model.md. A version
    that was fitted earlier is planned with the recipe it was fitted with.
-#}
{% macro fit_plan(entity, as_of) %}
{% set features_model = entity ~ '_features' %}
{% set recipe = segmentation.resolved_recipe(segmentation.named_entry(entity)) %}
{% set recipe_json = tojson(recipe, sort_keys=true) %}
{% set policy = segmentation.segmentation_policy(entity) %}
{% set columns = segmentation.feature_columns(segmentation.named_entry(entity)) | map(attribute='name') | list %}
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

fitted_earlier as (

    select * from earlier_events
    where event = 'fitted'

),

active_fit as (

    select fitted_earlier.as_of_date
    from fitted_earlier
    inner join active on fitted_earlier.model_version = active.model_version

),

earlier_activations as (

    select
        recipe_hash,
        model_version
    from earlier_events
    where event = 'activated'
    qualify row_number() over (
        partition by recipe_hash order by event_number desc
    ) = 1

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

),

numbered as (

    select
        *,
        cast(
            case
                when is_fit then next_version
                else {{ segmentation.served_version(policy) }}
            end as bigint
        ) as model_version
    from decided

),

planned as (

    select
        numbered.*,
        coalesce(fitted_earlier.recipe_name, '{{ recipe['name'] }}')
            as planned_recipe_name,
        coalesce(
            fitted_earlier.recipe, '{{ recipe_json | replace("'", "''") }}'
        ) as planned_recipe,
        coalesce(fitted_earlier.recipe_hash, numbered.recipe_hash)
            as planned_recipe_hash
    from numbered
    left join fitted_earlier
        on numbered.model_version = fitted_earlier.model_version

)

select
    is_fit,
    {{ segmentation.plan_reason(policy) }} as reason,
    model_version,
    cast(active_version as bigint) as active_version,
    coalesce(active_recipe_name = '{{ recipe['name'] }}', false) as is_matched,
    planned_recipe_name as recipe_name,
    planned_recipe as recipe,
    planned_recipe_hash as recipe_hash,
    cast({{ policy['match_floor'] }} as double) as match_floor,
    data_fingerprint,
    rows_available,
    least(
        rows_available,
        {{ segmentation.recipe_number('planned_recipe', 'max_fit_rows') }}
    ) as rows_fitted,
    {{ segmentation.recipe_number('planned_recipe', 'max_selection_rows') }}
        as rows_judged
from planned
{% endmacro %}
