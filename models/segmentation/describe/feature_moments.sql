-- noqa: disable=LT02
{{ config(materialized='table', contract={'enforced': false}) }}
{% set log1p = 'sign(%s) * ln(1 + abs(%s) / log_unit)' %}

with unit_segments as (

    select * from {{ ref('unit_segments') }}

),

-- Numbers are compared on the scale that the model saw them on; what only
-- describes, on its own.
logged as (

    select
        scaling.segmentation,
        scaling.feature,
        coalesce(scaling.unit, 1.0e0) as log_unit
    from {{ ref('scaling') }} as scaling
    inner join {{ ref('serving_models') }} as serving_models
        on
            scaling.segmentation = serving_models.segmentation
            and scaling.model_version = serving_models.model_version
    where scaling.transform = 'log1p'

),
{% for s in segmentation.segmentations() %}
{{ s.name }}_members as (

    {{ segmentation.members(s, 'unit_segments') | indent(4) }}

),
{% endfor %}
-- Places in a feature's range, from 0 to 1, are summed as decimals: exact, so
-- threads and row order change nothing, and without overflow at any magnitude.
segment_sums as (

    select
        cast(null as string) as segmentation,
        cast(null as bigint) as segment_id,
        cast(null as string) as feature,
        cast(null as boolean) as is_logged,
        cast(null as double) as least,
        cast(null as double) as value_range,
        cast(null as bigint) as value_count,
        cast(null as decimal(38, 15)) as place_sum,
        cast(null as decimal(38, 15)) as place_squares,
        cast(null as decimal(38, 15)) as scaled_sum,
        cast(null as decimal(38, 15)) as scaled_squares,
        cast(null as decimal(38, 2)) as total,
        cast(null as double) as median
    where 1 = 0
    {% for s in segmentation.segmentations() -%}
    {% for feature in segmentation.feature_columns(s) -%}
    {% set value = 'value_' ~ loop.index -%}
    {% if feature.kind == 'number' -%}
    union all
    select
        '{{ s.name }}' as segmentation,
        segment_id,
        '{{ feature.name }}' as feature,
        max(log_unit) is not null as is_logged,
        max(least) as least,
        max(greatest_value) - max(least) as value_range,
        count(value) as value_count,
        sum(cast(place as decimal(18, 15))) as place_sum,
        sum(cast(place * place as decimal(18, 15))) as place_squares,
        sum(cast(scaled as decimal(18, 15))) as scaled_sum,
        sum(cast(scaled * scaled as decimal(18, 15))) as scaled_squares,
        case
            when lower(typeof(min(value))) not in ('double', 'float')
                then try_cast(sum(value) as decimal(38, 2))
        end as total,
        cast(median(value) as double) as median
    from (
        select
            *,
            case
                when log_unit is null then place
                else (
                    {{ log1p % ('number', 'number') }}
                    - {{ log1p % ('least', 'least') }}
                ) / nullif(
                    {{ log1p % ('greatest_value', 'greatest_value') }}
                    - {{ log1p % ('least', 'least') }},
                    0
                )
            end as scaled
        from (
            select
                members.segment_id,
                members.{{ value }} as value,
                cast(members.{{ value }} as double) as number,
                ranges.*,
                case
                    when ranges.greatest_value > ranges.least then
                        (cast(members.{{ value }} as double) - ranges.least)
                        / (ranges.greatest_value - ranges.least)
                    when members.{{ value }} is not null then 0.0e0
                end as place
            from {{ s.name }}_members as members
            cross join (
                select
                    cast(min({{ value }}) as double) as least,
                    cast(max({{ value }}) as double) as greatest_value,
                    (
                        select max(logged.log_unit) from logged
                        where
                            logged.segmentation = '{{ s.name }}'
                            and logged.feature = '{{ feature.name }}'
                    ) as log_unit
                from {{ s.name }}_members
            ) as ranges
        ) as placed
    ) as places
    group by segment_id
    {% endif %}
    {%- endfor %}
    {%- endfor %}

),

sums as (

    select * from segment_sums
    union all
    select
        segmentation,
        null as segment_id,
        feature,
        bool_or(is_logged) as is_logged,
        max(least) as least,
        max(value_range) as value_range,
        sum(value_count) as value_count,
        sum(place_sum) as place_sum,
        sum(place_squares) as place_squares,
        sum(scaled_sum) as scaled_sum,
        sum(scaled_squares) as scaled_squares,
        sum(total) as total,
        null as median
    from segment_sums
    group by segmentation, feature

)

select
    segmentation,
    segment_id,
    feature,
    cast(value_count as bigint) as value_count,
    cast(total as decimal(38, 2)) as total,
    least + value_range as greatest_value,
    least + value_range * cast(place_sum as double) / nullif(value_count, 0)
        as mean,
    value_range * sqrt(greatest(
        cast(place_squares as double) / nullif(value_count, 0)
        - power(cast(place_sum as double) / nullif(value_count, 0), 2),
        0
    )) as standard_deviation,
    median,
    is_logged,
    scaled_sum,
    scaled_squares
from sums
