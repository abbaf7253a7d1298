{#-
    The model versions this build applies to all rows: the one it is about (just
    fitted, active or pinned), those that served in the last build and on the
    last date, and the newest candidate that is waiting beside it.
-#}
{% macro versions_in_play(entity) %}
with plan as (

    select * from {{ ref('int_' ~ entity ~ '_fit_plan') }}

),

earlier_events as (

    select * from {{ ref('int_' ~ entity ~ '_earlier_events') }}

),

waiting as (

    select max(earlier_events.model_version) as model_version
    from earlier_events
    inner join plan on earlier_events.model_version > plan.active_version
    where earlier_events.event = 'rejected' and not plan.is_fit

)

select model_version from plan
union
select active_version as model_version
from plan
where active_version is not null
union
select model_version from {{ ref('int_' ~ entity ~ '_served_before') }}
union
select model_version
from waiting
where model_version is not null
{% endmacro %}
