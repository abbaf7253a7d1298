{#- Mean and median of every numeric feature in every segment, against all. -#}
{% macro segment_profiles(entity, key) %}
{% set numbers = segmentation.feature_columns(segmentation.named_entry(entity))
    | selectattr('kind', 'equalto', 'number') | map(attribute='name') | list %}
with features as (

    select * from {{ ref(entity ~ '_features') }}

),

segments as (

    select * from {{ ref(entity ~ '_segments') }}

),

moments as (

    select * from {{ ref('int_' ~ entity ~ '_feature_moments') }}

),

{% if numbers %}
{#- By the number alone: DuckDB then keeps the values of each segment once. #}
medians_side_by_side as (

    select
        segments.segment_id,
        min(segments.segment_name) as segment_name,
        {%- for name in numbers %}
        cast(median(features.{{ name }}) as double)
            as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from features
    inner join segments on features.{{ key }} = segments.{{ key }}
    group by segments.segment_id

),

medians as (

    {% for name in numbers -%}
    select
        segment_id,
        segment_name,
        '{{ name }}' as feature,
        {{ name }} as median
    from medians_side_by_side
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)
{% else %}
medians as (

    select
        segments.segment_id,
        segments.segment_name,
        cast(null as string) as feature,
        cast(null as double) as median
    from segments
    inner join features on segments.{{ key }} = features.{{ key }}
    where 1 = 0

)
{% endif %}

select
    medians.segment_id,
    medians.segment_name,
    medians.feature,
    {{ segmentation.rounded('inside.mean') }} as mean,
    {{ segmentation.rounded('medians.median') }} as median,
    {{ segmentation.rounded('overall.mean') }} as population_mean,
    round(inside.mean / nullif(overall.mean, 0) - 1, 6) as relative_importance,
    round(
        (inside.mean - overall.mean) / nullif(overall.standard_deviation, 0), 6
    ) as effect_size
from medians
inner join moments as inside
    on medians.segment_id = inside.segment_id
    and medians.feature = inside.feature
inner join moments as overall
    on medians.feature = overall.feature
    and overall.segment_id is null
{% endmacro %}


{#- To 6 decimals, where that leaves something of a number. -#}
{% macro rounded(value) -%}
case when abs({{ value }}) >= 1.0e-3 then round({{ value }}, 6) else {{ value }} end
{%- endmacro %}
