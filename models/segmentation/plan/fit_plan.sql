-- noqa: disable=LT02
{{ config(materialized='table', post_hook="{{ segmentation.say('note') }}") }}
{% set explored = ['alternatives', 'comparison', 'map'] %}
{% set extras = ['stability', 'importance', 'predictive_value'] + explored %}
{#- Without customers nobody's future is looked at. #}
{% set most = extras | length
    - (0 if segmentation.has_segmentation('customer') else 1) %}

with findings as (

    select * from {{ ref('fit_findings') }}

),

{% for extra in extras -%}
{{ extra }} as (

    {{ segmentation.earlier(source('segmentation_state', 'fit_' ~ extra), [
        ['segmentation', 'string'], ['model_version', 'bigint'],
    ]) | indent(4) }}

),

{% endfor -%}
made as (

    select distinct
        segmentation,
        model_version,
        'stability' as extra
    from stability
    {%- for extra in extras[1:] %}
    union all
    select distinct
        segmentation,
        model_version,
        '{{ extra }}' as extra
    from {{ extra }}
    {%- endfor %}

),

-- Versions for which earlier builds made every extra.
extras_made as (

    select
        made.segmentation,
        made.model_version
    from made
    inner join findings on made.segmentation = findings.segmentation
    group by made.segmentation, made.model_version, findings.explore
    having count(*) >= case when findings.explore
        then {{ most }} else {{ most - explored | length }} end

),

fitted_earlier as (

    select * from {{ ref('earlier_events') }}
    where event = 'fitted'

),

decided as (

    select
        *,
        case
            when pinned_version is not null then false
            when refit = 'never' then active_version is null
            when refit = 'always' then true
            else fit_reason is not null
                and rejected_version is null
                and returning_version is null
        end as is_fit
    from findings

),

numbered as (

    select
        *,
        cast(
            case
                when is_fit then next_version
                when pinned_version is not null then pinned_version
                when refit = 'never' then active_version
                else coalesce(returning_version, active_version)
            end as bigint
        ) as model_version,
        case
            when pinned_version is not null then concat(
                'model_version is set to ', cast(pinned_version as string)
            )
            when is_fit then fit_reason
            when fit_reason is null then 'the active model still fits'
            when refit = 'never'
                then concat('refit is set to never, although ', fit_reason)
            when returning_version is not null then concat(
                'the recipe is again that of version ',
                cast(returning_version as string)
            )
            else concat(
                'version ', cast(rejected_version as string),
                ' was already tried on this recipe and data, although ',
                fit_reason
            )
        end as reason
    from decided

),

-- A version that was fitted earlier is planned with the recipe it had then.
planned as (

    select
        numbered.*,
        coalesce(fitted_earlier.recipe_name, numbered.recipe_name)
            as planned_recipe_name,
        coalesce(fitted_earlier.recipe, numbered.recipe) as planned_recipe,
        coalesce(fitted_earlier.recipe_hash, numbered.recipe_hash)
            as planned_recipe_hash
    from numbered
    left join fitted_earlier
        on numbered.segmentation = fitted_earlier.segmentation
        and numbered.model_version = fitted_earlier.model_version

),

bounded as (

    select
        *,
        cast(nullif(regexp_extract(
            planned_recipe, '"max_fit_rows": ([0-9]+)', 1
        ), '') as bigint) as max_fit_rows,
        cast(nullif(regexp_extract(
            planned_recipe, '"max_selection_rows": ([0-9]+)', 1
        ), '') as bigint) as max_selection_rows
    from planned

)

select
    bounded.segmentation,
    bounded.unit,
    bounded.table_name,
    bounded.is_fit,
    -- With true they are made for what is just fitted, and made good for a
    -- version that lacks any of them.
    {{ segmentation.setting('extras') }} and (
        bounded.is_fit or extras_made.model_version is null
    ) as makes_extras,
    bounded.explore,
    bounded.reason,
    bounded.model_version,
    cast(bounded.active_version as bigint) as active_version,
    bounded.served_before_version,
    coalesce(bounded.active_recipe_name = bounded.recipe_name, false)
        as is_matched,
    bounded.planned_recipe_name as recipe_name,
    bounded.planned_recipe as recipe,
    bounded.planned_recipe_hash as recipe_hash,
    bounded.feature_columns,
    bounded.match_floor,
    bounded.data_fingerprint,
    bounded.rows_available,
    least(bounded.rows_available, bounded.max_fit_rows) as rows_fitted,
    bounded.max_selection_rows as rows_judged,
    bounded.as_of_date,
    concat(
        upper(left(bounded.segmentation, 1)), substr(bounded.segmentation, 2),
        ' model: ', case when bounded.is_fit then 'fits' else 'applies' end,
        ' version ', cast(bounded.model_version as string), ' (recipe ',
        bounded.planned_recipe_name, '), because ', bounded.reason, '.'
    ) as note
from bounded
left join extras_made
    on bounded.segmentation = extras_made.segmentation
    and bounded.model_version = extras_made.model_version
