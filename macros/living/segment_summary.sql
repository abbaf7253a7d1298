{#-
    One row per segment: what sets it apart in words, from the three features of
    the model with the largest effect (at least 0.3 standard deviations), its
    size and its worth.
-#}
{% macro segment_summary(entity, unit, key, revenue, earnings) %}
with segments as (

    select * from {{ ref(entity ~ '_segments') }}

),

features as (

    select * from {{ ref(entity ~ '_features') }}

),

fitted_features as (

    select distinct scaling.feature
    from {{ ref(entity ~ '_scaling') }} as scaling
    inner join {{ ref('int_' ~ entity ~ '_serving_model') }} as serving
        on scaling.model_version = serving.model_version

),

traits as (

    select
        profiles.segment_id,
        {{ segmentation.trait_in_words('profiles') }} as phrase,
        row_number() over (
            partition by profiles.segment_id
            order by abs(profiles.effect_size) desc, profiles.feature
        ) as rank
    from {{ ref(entity ~ '_segment_profiles') }} as profiles
    inner join fitted_features on profiles.feature = fitted_features.feature
    where
        abs(profiles.effect_size) >= 0.3
        and profiles.relative_importance is not null

),

descriptions as (

    select
        segment_id,
        concat_ws(
            ', ',
            max(case when rank = 1 then phrase end),
            max(case when rank = 2 then phrase end),
            max(case when rank = 3 then phrase end)
        ) as description
    from traits
    group by segment_id

),

sums as (

    select
        segments.segment_id,
        segments.segment_name,
        segments.model_version,
        count(*) as segment_size,
        sum(features.{{ revenue }}) as revenue,
        sum(features.{{ earnings }}) as earnings
    from segments
    inner join features on segments.{{ key }} = features.{{ key }}
    group by
        segments.segment_id, segments.segment_name, segments.model_version

)

select
    sums.segment_id,
    sums.segment_name,
    coalesce(descriptions.description, 'close to the average') as description,
    cast(sums.segment_size as bigint) as {{ unit }},
    cast(sums.segment_size as double) / sum(sums.segment_size) over () as share,
    cast(sums.revenue as decimal(18, 2)) as revenue,
    coalesce(
        cast(sums.revenue as double)
        / nullif(cast(sum(sums.revenue) over () as double), 0),
        0
    ) as revenue_share,
    round(cast(sums.earnings as double) / sums.segment_size, 2) as mean_margin,
    sums.model_version
from sums
left join descriptions on sums.segment_id = descriptions.segment_id
{% endmacro %}


{#- "total spend +120 %": the segment's mean against everybody's. -#}
{% macro trait_in_words(profiles) -%}
concat(
            replace({{ profiles }}.feature, '_', ' '),
            case when {{ profiles }}.relative_importance < 0 then ' -' else ' +' end,
            cast(cast(
                round(abs({{ profiles }}.relative_importance) * 100) as bigint
            ) as string),
            ' %'
        )
{%- endmacro %}
