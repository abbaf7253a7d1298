{#-
    What happened to the models of a segmentation, one row an event, never
    changed afterwards: a version was fitted, activated (also by a roll-back),
    rejected by its gates or applied to the customers of a new date. It is
    written after the audits: parameters fitted in a build that fails are never
    activated, and the next build fits them again.
-#}
{% macro model_log(entity, as_of) %}
with plan as (

    select * from {{ ref('int_' ~ entity ~ '_fit_plan') }}

),

serving_model as (

    select * from {{ ref('int_' ~ entity ~ '_serving_model') }}

),

as_of as (

    select as_of_date from {{ as_of }}

),

earlier_events as (

    select * from {{ ref('int_' ~ entity ~ '_earlier_events') }}

),

last_event as (

    select coalesce(max(event_number), 0) as event_number
    from earlier_events

),

-- Ahead of what was planned from it, if this model is run twice and its
-- parents once: then there is nothing to log.
logged as (

    {% if is_incremental() -%}
    select coalesce(max(event_number), 0) as event_number from {{ this }}
    {%- else -%}
    select 0 as event_number
    {%- endif %}

),

last_applied as (

    select
        as_of_date,
        model_version
    from earlier_events
    where event = 'applied'
    qualify row_number() over (order by event_number desc) = 1

),

fitted_earlier as (

    select * from earlier_events
    where event = 'fitted'

),

events as (

    select 1 as step, 'fitted' as event, planned_version as model_version
    from serving_model
    where is_fit
    union all
    select 2 as step, 'rejected' as event, planned_version as model_version
    from serving_model
    where is_rejected
    union all
    select 2 as step, 'activated' as event, model_version
    from serving_model
    where earlier_version is null or model_version <> earlier_version
    union all
    select 3 as step, 'applied' as event, serving_model.model_version
    from serving_model
    cross join as_of
    left join last_applied on 1 = 1
    where
        last_applied.as_of_date is null
        or last_applied.as_of_date < as_of.as_of_date
        or (
            last_applied.as_of_date = as_of.as_of_date
            and last_applied.model_version <> serving_model.model_version
        )

)

select
    cast(
        last_event.event_number + row_number() over (order by events.step)
        as bigint
    ) as event_number,
    events.event,
    events.model_version,
    serving_model.reason,
    as_of.as_of_date,
    coalesce(fitted_earlier.recipe_name, plan.recipe_name) as recipe_name,
    case when events.event = 'fitted' then plan.recipe end as recipe,
    coalesce(fitted_earlier.recipe_hash, plan.recipe_hash) as recipe_hash,
    coalesce(fitted_earlier.data_fingerprint, plan.data_fingerprint)
        as data_fingerprint,
    plan.rows_available,
    coalesce(fitted_earlier.rows_fitted, plan.rows_fitted) as rows_fitted,
    cast({{ dbt.current_timestamp() }} as timestamp) as recorded_at
from events
cross join plan
cross join serving_model
cross join as_of
cross join last_event
inner join logged on last_event.event_number >= logged.event_number
left join fitted_earlier
    on events.model_version = fitted_earlier.model_version
{% endmacro %}
