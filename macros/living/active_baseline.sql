{#- The bins stored when the model that serves was fitted. -#}
{% macro active_baseline(baseline, entity) %}
with baseline as (

    {{ segmentation.earlier(baseline, [
        ['model_version', 'bigint'], ['feature', 'string'], ['kind', 'string'],
        ['bin', 'bigint'], ['lower_bound', 'double'], ['upper_bound', 'double'],
        ['level', 'string'], ['share', 'double'], ['fitted_rows', 'bigint'],
        ['least', 'double'], ['greatest', 'double'], ['is_trigger', 'boolean'],
    ]) | indent(4) }}

),

active as (

    select model_version
    from {{ ref('int_' ~ entity ~ '_earlier_events') }}
    where event = 'activated'
    qualify row_number() over (order by event_number desc) = 1

)

select baseline.*
from baseline
inner join active on baseline.model_version = active.model_version
{% endmacro %}
