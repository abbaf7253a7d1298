-- noqa: disable=LT02
{{ config(materialized='table') }}

with stored as (

    {{ segmentation.earlier(source('segmentation_state', 'fit_baseline'), [
        ['segmentation', 'string'], ['model_version', 'bigint'],
        ['feature', 'string'], ['kind', 'string'], ['bin', 'bigint'],
        ['lower_bound', 'double'], ['upper_bound', 'double'],
        ['level', 'string'], ['share', 'double'], ['fitted_rows', 'bigint'],
        ['least', 'double'], ['greatest', 'double'], ['is_trigger', 'boolean'],
    ]) | indent(4) }}

),

active as (

    select * from {{ ref('earlier_events') }}
    where is_active

),

-- The bins stored when the model that serves was fitted.
active_baseline as (

    select stored.*
    from stored
    inner join active
        on stored.segmentation = active.segmentation
        and stored.model_version = active.model_version

)

{%- for s in segmentation.segmentations() %},

{{ s.name }}_drift as (

    {{ segmentation.drift_of(s, 'active_baseline') | indent(4) }}

)
{%- endfor %}

{% for s in segmentation.segmentations() -%}
select * from {{ s.name }}_drift
{{ 'union all' if not loop.last }}
{% endfor %}
