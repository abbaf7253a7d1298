-- noqa: disable=LT02
{{ config(materialized='table', contract={'enforced': false}) }}
{% set log1p = 'sign(%s) * ln(1 + abs(%s) / log_unit_%s)' %}

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
{% set sums = [] -%}
{% for s in segmentation.segmentations() -%}
{% set features = segmentation.feature_columns(s) -%}
{% set names = features | map(attribute='name') | list -%}
{% set numbers = features | selectattr('kind', 'equalto', 'number')
    | map(attribute='name') | list -%}
{{ s.name }}_members as (

    {{ segmentation.members(s, 'unit_segments') | indent(4) }}

),

{% if numbers %}
{{ s.name }}_ranges as (

    select
        {% for name in numbers -%}
        {% set i = names.index(name) + 1 -%}
        cast(min(value_{{ i }}) as double) as least_{{ i }},
        cast(max(value_{{ i }}) as double) as greatest_{{ i }},
        {% endfor -%}
        count(*) as units
    from {{ s.name }}_members

),

{{ s.name }}_logs as (

    select
        {% for name in numbers -%}
        max(case when feature = '{{ name }}' then log_unit end)
            as log_unit_{{ names.index(name) + 1 }},
        {% endfor -%}
        count(*) as features
    from logged
    where segmentation = '{{ s.name }}'

),

-- Places in a feature's range, from 0 to 1, are summed as decimals: exact, so
-- threads and row order change nothing, and without overflow at any magnitude.
-- Few features at a time, for a median keeps its values in memory.
{% for part in numbers | batch(4) %}
{% set part_sums = s.name ~ '_sums_' ~ loop.index %}
{{ part_sums }} as (

    select
        {% for name in part -%}
        {% set i = names.index(name) + 1 -%}
        {% do sums.append([part_sums, s.name, name, i]) -%}
        max(least_{{ i }}) as least_{{ i }},
        max(greatest_{{ i }}) as greatest_{{ i }},
        max(log_unit_{{ i }}) as log_unit_{{ i }},
        count(value_{{ i }}) as value_count_{{ i }},
        sum(cast(place_{{ i }} as decimal(18, 15))) as place_sum_{{ i }},
        sum(cast(place_{{ i }} * place_{{ i }} as decimal(18, 15)))
            as place_squares_{{ i }},
        sum(cast(scaled_{{ i }} as decimal(18, 15))) as scaled_sum_{{ i }},
        sum(cast(scaled_{{ i }} * scaled_{{ i }} as decimal(18, 15)))
            as scaled_squares_{{ i }},
        case
            when lower(typeof(min(value_{{ i }}))) not in ('double', 'float')
                then try_cast(sum(value_{{ i }}) as decimal(38, 2))
        end as total_{{ i }},
        cast(median(value_{{ i }}) as double) as median_{{ i }},
        {% endfor -%}
        segment_id
    from (
        select
            *,
            {% for name in part -%}
            {% set i = names.index(name) + 1 -%}
            case
                when log_unit_{{ i }} is null then place_{{ i }}
                else (
                    {{ log1p % ('number_' ~ i, 'number_' ~ i, i) }}
                    - {{ log1p % ('least_' ~ i, 'least_' ~ i, i) }}
                ) / nullif(
                    {{ log1p % ('greatest_' ~ i, 'greatest_' ~ i, i) }}
                    - {{ log1p % ('least_' ~ i, 'least_' ~ i, i) }},
                    0
                )
            end as scaled_{{ i }}{{ ',' if not loop.last }}
            {% endfor %}
        from (
            select
                members.segment_id,
                {% for name in part -%}
                {% set i = names.index(name) + 1 -%}
                members.value_{{ i }},
                cast(members.value_{{ i }} as double) as number_{{ i }},
                ranges.least_{{ i }},
                ranges.greatest_{{ i }},
                logs.log_unit_{{ i }},
                case
                    when ranges.greatest_{{ i }} > ranges.least_{{ i }} then
                        (
                            cast(members.value_{{ i }} as double)
                            - ranges.least_{{ i }}
                        )
                        / (ranges.greatest_{{ i }} - ranges.least_{{ i }})
                    when members.value_{{ i }} is not null then 0.0e0
                end as place_{{ i }}{{ ',' if not loop.last }}
                {% endfor %}
            from {{ s.name }}_members as members
            cross join {{ s.name }}_ranges as ranges
            cross join {{ s.name }}_logs as logs
        ) as placed
    ) as places
    group by segment_id

),
{% endfor %}
{% endif %}
{% endfor %}
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
    {% for part_sums, segmentation_name, name, i in sums -%}
    union all
    select
        '{{ segmentation_name }}' as segmentation,
        segment_id,
        '{{ name }}' as feature,
        log_unit_{{ i }} is not null as is_logged,
        least_{{ i }} as least,
        greatest_{{ i }} - least_{{ i }} as value_range,
        value_count_{{ i }} as value_count,
        place_sum_{{ i }} as place_sum,
        place_squares_{{ i }} as place_squares,
        scaled_sum_{{ i }} as scaled_sum,
        scaled_squares_{{ i }} as scaled_squares,
        total_{{ i }} as total,
        median_{{ i }} as median
    from {{ part_sums }}
    {% endfor %}

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
