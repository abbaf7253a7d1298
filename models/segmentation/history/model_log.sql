{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ segmentation.forget_past(
        ref('shop_continuity') if segmentation.has_segmentation('customer')
    ) }}",
) }}
{#-
    A model serves only after all audits, so every published table that is not
    made from this log comes first. dbt reads these refs as it parses; nothing
    needs them when it runs, and a unit test need not fill them.
-#}
{% if not execute %}
    {% set audited = [
        ref('segments'),
        ref('segment_names'),
        ref('segment_profiles'),
        ref('cluster_report'),
        ref('segment_rules'),
        ref('segment_suggestions'),
        ref('segment_stability'),
        ref('segment_pairs'),
        ref('segmentation_quality'),
        ref('k_candidates'),
        ref('centroids'),
        ref('scaling'),
        ref('loadings'),
        ref('segment_drift'),
        ref('segment_agreement'),
        ref('exclusions'),
        ref('k_alternatives'),
        ref('k_alternative_flows'),
        ref('algorithm_comparison'),
        ref('segment_map'),
        ref('feature_correlations'),
        ref('feature_importance'),
    ] %}
    {% if segmentation.has_segmentation('customer') %}
        {% do audited.extend([
            ref('customer_rfm'),
            ref('customer_rfm_by_segment'),
            ref('segment_retention'),
            ref('basket_candidates'),
            ref('basket_pairs'),
            ref('basket_components'),
            ref('customer_baskets'),
            ref('data_quality'),
            ref('campaign_results'),
        ]) %}
    {% endif %}
{% endif %}
with fit_plan as (

    select * from {{ ref('fit_plan') }}

),

serving_models as (

    select * from {{ ref('serving_models') }}

),

earlier_events as (

    select * from {{ ref('earlier_events') }}

),

last_events as (

    select
        segmentation,
        max(event_number) as event_number
    from earlier_events
    group by segmentation

),

-- Ahead of what was planned from it, if this model is run twice and its
-- parents once: then there is nothing to log.
logged as (

    {% if is_incremental() %}
        select
            segmentation,
            max(event_number) as event_number
        from {{ this }}
        group by segmentation
    {% else %}
        select
            cast(null as string) as segmentation,
            cast(null as bigint) as event_number
        where 1 = 0
    {% endif %}

),

last_applied as (

    select
        segmentation,
        as_of_date,
        model_version
    from earlier_events
    where event = 'applied'
    qualify row_number() over (
        partition by segmentation order by event_number desc
    ) = 1

),

fitted_earlier as (

    select * from earlier_events
    where event = 'fitted'

),

events as (

    select
        segmentation,
        1 as step,
        'fitted' as event,
        planned_version as model_version
    from serving_models
    where is_fit
    union all
    select
        segmentation,
        2 as step,
        'rejected' as event,
        planned_version as model_version
    from serving_models
    where is_rejected
    union all
    select
        segmentation,
        2 as step,
        'activated' as event,
        model_version
    from serving_models
    where earlier_version is null or model_version <> earlier_version
    union all
    select
        serving_models.segmentation,
        3 as step,
        'applied' as event,
        serving_models.model_version
    from serving_models
    inner join fit_plan
        on serving_models.segmentation = fit_plan.segmentation
    left join last_applied
        on serving_models.segmentation = last_applied.segmentation
    where
        last_applied.as_of_date is null
        or last_applied.as_of_date < fit_plan.as_of_date
        or (
            last_applied.as_of_date = fit_plan.as_of_date
            and last_applied.model_version <> serving_models.model_version
        )

)

select
    events.segmentation,
    cast(
        coalesce(last_events.event_number, 0) + row_number() over (
            partition by events.segmentation order by events.step
        ) as bigint
    ) as event_number,
    events.event,
    events.model_version,
    serving_models.reason,
    fit_plan.as_of_date,
    coalesce(fitted_earlier.recipe_name, fit_plan.recipe_name) as recipe_name,
    case when events.event = 'fitted' then fit_plan.recipe end as recipe,
    coalesce(fitted_earlier.recipe_hash, fit_plan.recipe_hash) as recipe_hash,
    coalesce(fitted_earlier.data_fingerprint, fit_plan.data_fingerprint)
        as data_fingerprint,
    fit_plan.rows_available,
    coalesce(fitted_earlier.rows_fitted, fit_plan.rows_fitted) as rows_fitted,
    cast({{ dbt.current_timestamp() }} as timestamp) as recorded_at
from events
inner join fit_plan on events.segmentation = fit_plan.segmentation
inner join serving_models
    on events.segmentation = serving_models.segmentation
left join last_events on events.segmentation = last_events.segmentation
left join logged on events.segmentation = logged.segmentation
left join fitted_earlier
    on
        events.segmentation = fitted_earlier.segmentation
        and events.model_version = fitted_earlier.model_version
where
    coalesce(last_events.event_number, 0) >= coalesce(logged.event_number, 0)
