-- noqa: disable=LT02
{{ config(
    materialized='table',
    post_hook="{{ segmentation.refuse_unknown_versions() }}",
) }}

with events as (

    {{ segmentation.earlier(source('segmentation_state', 'model_log'), [
        ['segmentation', 'string'], ['event_number', 'bigint'],
        ['event', 'string'], ['model_version', 'bigint'],
        ['as_of_date', 'date'], ['recipe_name', 'string'],
        ['recipe', 'string'], ['recipe_hash', 'string'],
        ['data_fingerprint', 'string'], ['rows_fitted', 'bigint'],
    ]) | indent(4) }}

),

policies as (

    select * from {{ ref('policies') }}

),

continuity as (

    {% if segmentation.has_segmentation('customer') -%}
    select is_same_shop from {{ ref('shop_continuity') }}
    {%- else -%}
    select true as is_same_shop
    {%- endif %}

),

-- Events of another shop keep their numbers, so that no version is given
-- twice, and mean nothing any more.
remembered as (

    select
        events.segmentation,
        events.event_number,
        case
            when policies.is_shop and not continuity.is_same_shop
                then 'forgotten'
            else events.event
        end as event,
        events.model_version,
        events.as_of_date,
        events.recipe_name,
        events.recipe,
        events.recipe_hash,
        events.data_fingerprint,
        events.rows_fitted
    from events
    inner join policies on events.segmentation = policies.segmentation
    cross join continuity

)

select
    *,
    event = 'activated' and row_number() over (
        partition by segmentation, event order by event_number desc
    ) = 1 as is_active
from remembered
