{#-
    The version that served on the last date built before this build's date: at
    most one row. Building a date again finds the same one, so that what a refit
    did stays a refit.
-#}
{% macro served_before(entity, as_of) %}
with earlier_events as (

    select * from {{ ref('int_' ~ entity ~ '_earlier_events') }}

),

as_of as (

    select as_of_date from {{ as_of }}

)

select earlier_events.model_version
from earlier_events
inner join as_of on earlier_events.as_of_date < as_of.as_of_date
where earlier_events.event = 'applied'
qualify row_number() over (order by earlier_events.event_number desc) = 1
{% endmacro %}
