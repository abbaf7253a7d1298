-- noqa: disable=LT02
{{ config(materialized='table', contract={'enforced': false}) }}

with unit_segments as (

    select * from {{ ref('unit_segments') }}

),
{% for s in segmentation.segmentations() %}
{{ s.name }}_members as (

    select
        {% for feature in segmentation.feature_columns(s) -%}
        units.{{ feature.name }} as value_{{ loop.index }},
        {% endfor -%}
        segments.segment_id
    from {{ segmentation.unit_rows(s) }} as units
    inner join unit_segments as segments
        on
            segments.segmentation = '{{ s.name }}'
            and cast(units.{{ s.key_column }} as string) = segments.unit_id

),
{% endfor %}
-- Places in a feature's range, from 0 to 1, are summed as decimals: exact, so
-- threads and row order change nothing, and without overflow at any magnitude.
segment_sums as (

    select
        cast(null as string) as segmentation,
        cast(null as bigint) as segment_id,
        cast(null as string) as feature,
        cast(null as double) as least,
        cast(null as double) as value_range,
        cast(null as bigint) as value_count,
        cast(null as decimal(38, 15)) as place_sum,
        cast(null as decimal(38, 15)) as place_squares,
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
        max(least) as least,
        max(value_range) as value_range,
        count(value) as value_count,
        sum(cast(place as decimal(18, 15))) as place_sum,
        sum(cast(place * place as decimal(18, 15))) as place_squares,
        case
            when lower(typeof(min(value))) not in ('double', 'float')
                then try_cast(sum(value) as decimal(38, 2))
        end as total,
        cast(median(value) as double) as median
    from (
        select
            members.segment_id,
            members.{{ value }} as value,
            ranges.*,
            case
                when ranges.value_range > 0 then
                    (cast(members.{{ value }} as double) - ranges.least)
                    / ranges.value_range
                when members.{{ value }} is not null then 0.0e0
            end as place
        from {{ s.name }}_members as members
        cross join (
            select
                cast(min({{ value }}) as double) as least,
                cast(max({{ value }}) as double)
                - cast(min({{ value }}) as double) as value_range
            from {{ s.name }}_members
        ) as ranges
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
        max(least) as least,
        max(value_range) as value_range,
        sum(value_count) as value_count,
        sum(place_sum) as place_sum,
        sum(place_squares) as place_squares,
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
    median
from sums
