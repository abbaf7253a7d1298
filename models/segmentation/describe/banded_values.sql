{{ config(materialized='table', contract={'enforced': false}) }}
{% set power -%}
    power(10, floor(round(ln(nullif(standard_deviation, 0)) / ln(10), 9)))
{%- endset %}

with widths as (

    select
        segmentation,
        feature,
        greatest_value,
        {{ power }} * case
            when standard_deviation >= 5 * {{ power }} then 5
            when standard_deviation >= 2 * {{ power }} then 2
            else 1
        end as step
    from {{ ref('feature_moments') }}
    where segment_id is null

),

{% for s in segmentation.segmentations() %}
    {{ s.name }}_members as (

        select
            {% for feature in segmentation.feature_columns(s) %}
                units.{{ feature.name }} as value_{{ loop.index }},
            {% endfor %}
            segments.segment_id
        from {{ segmentation.unit_rows(s) }} as units
        inner join {{ ref(s.segments) }} as segments
            on units.{{ s.key_column }} = segments.{{ s.key_column }}

    ),
{% endfor %}

-- Every different value once: they are far fewer than rows.
counted as (

    {% for s in segmentation.segmentations() %}
        {% set is_last = loop.last %}
        {% for feature in segmentation.feature_columns(s) %}
            {% set value = 'value_' ~ loop.index %}
            {% set is_number = feature.kind == 'number' %}
            {% set is_text = feature.is_whole or not is_number %}
            select
                '{{ s.name }}' as segmentation,
                '{{ feature.name }}' as feature,
                segment_id,
                {{ is_number }} as is_number,
                {{ feature.is_whole }} as is_whole,
                cast({{ value if is_number else 'null' }} as double) as number,
                cast({{ value if is_text else 'null' }} as string) as text,
                count(*) as units
            from {{ s.name }}_members
            group by segment_id, {{ value }}
            {{ 'union all' if not (is_last and loop.last) }}
        {% endfor %}
    {% endfor %}

),

-- The lower bound belongs to a band, and the greatest value to the band it
-- closes.
bands as (

    select
        counted.*,
        widths.step,
        least(
            floor(round(counted.number / widths.step, 9)),
            ceil(round(widths.greatest_value / widths.step, 9)) - 1
        ) * widths.step as lower_bound
    from counted
    left join widths
        on
            counted.segmentation = widths.segmentation
            and counted.feature = widths.feature

),

-- A whole number in steps up to 1 is itself, and so is the 0 of a number that
-- is not whole: no spend is not little spend.
labelled as (

    select
        segmentation,
        segment_id,
        feature,
        case
            when not is_number then text
            when number is null then '(missing)'
            when is_whole and coalesce(step, 1) <= 1 then text
            when not is_whole and number = 0 then '0'
            when not is_whole and step is null then {{
                segmentation.readable_number(
                    'number', 'least(1.0e-2, abs(number))'
                )
            }}
            else concat(
                {{ segmentation.readable_number('lower_bound', 'step') }},
                '–',
                {{ segmentation.readable_number(
                    '(lower_bound + step)', 'step'
                ) }}
            )
        end as value,
        units
    from bands

)

select
    segmentation,
    segment_id,
    feature,
    value,
    cast(sum(units) as bigint) as units
from labelled
group by segmentation, segment_id, feature, value
