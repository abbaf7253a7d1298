{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook="{% if is_incremental() %}delete from {{ this }} where segmentation
        in (select segmentation from {{ ref('fit_plan') }}){% endif %}",
) }}
{#- Recorded after the audits. What a build leaves out keeps its amounts. -#}
{% set recorded_after = ref('segment_changes') %}
with fit_plan as (

    select * from {{ ref('fit_plan') }}

),

volumes as (

    select * from {{ ref('volumes') }}

)

select
    volumes.segmentation,
    volumes.measure,
    volumes.amount,
    fit_plan.as_of_date
from volumes
inner join fit_plan on volumes.segmentation = fit_plan.segmentation
