{#-
    What happened to the models of a segmentation, one row an event, never
    changed afterwards: a version was fitted, activated (also by a roll-back) or
    rejected by its gates. It is written after the audits: parameters fitted in
    a build that fails are never activated, and the next build fits them again.
-#}
{% macro model_log(segmentation, as_of) %}
with plan as (

    select * from {{ ref('int_' ~ segmentation ~ '_fit_plan') }}

),

serving_model as (

    select * from {{ ref('int_' ~ segmentation ~ '_serving_model') }}

),

as_of as (

    select as_of_date from {{ as_of }}

),

earlier_events as (

    select * from {{ ref('int_' ~ segmentation ~ '_earlier_events') }}

),

last_event as (

    select coalesce(max(event_number), 0) as event_number
    from earlier_events

),

fitted_earlier as (

    select
        earlier_events.recipe_name,
        earlier_events.recipe_hash,
        earlier_events.data_fingerprint
    from earlier_events
    inner join plan on earlier_events.model_version = plan.model_version
    where earlier_events.event = 'fitted'

),

events as (

    select 1 as step, 'fitted' as event
    from serving_model
    where is_fit
    union all
    select 2 as step, 'rejected' as event
    from serving_model
    where is_rejected
    union all
    select 2 as step, 'activated' as event
    from serving_model
    where earlier_version is null or model_version <> earlier_version

)

select
    cast(
        last_event.event_number + row_number() over (order by events.step)
        as bigint
    ) as event_number,
    events.event,
    plan.model_version,
    serving_model.reason,
    as_of.as_of_date,
    coalesce(fitted_earlier.recipe_name, plan.recipe_name) as recipe_name,
    case when plan.is_fit then plan.recipe end as recipe,
    coalesce(fitted_earlier.recipe_hash, plan.recipe_hash) as recipe_hash,
    coalesce(fitted_earlier.data_fingerprint, plan.data_fingerprint)
        as data_fingerprint,
    plan.rows_available,
    plan.rows_fitted,
    cast({{ dbt.current_timestamp() }} as timestamp) as recorded_at
from events
cross join plan
cross join serving_model
cross join as_of
cross join last_event
left join fitted_earlier on 1 = 1
{% endmacro %}
