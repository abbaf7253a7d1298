-- noqa: disable=LT02
{{ config(materialized='table', contract={'enforced': false}) }}
{% set power -%}
    power(10, floor(round(ln(nullif(standard_deviation, 0)) / ln(10), 9)))
{%- endset %}

with unit_segments as (

    select * from {{ ref('unit_segments') }}

),

widths as (

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

        {{ segmentation.members(s, 'unit_segments') | indent(8) }}

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

-- A label says one number or, of a band, two, each with as many decimals as the
-- step needs.
said as (

    select
        *,
        coalesce(lower_bound, number) as first_number,
        lower_bound + step as second_number,
        coalesce(step, least(1.0e-2, abs(number))) as said_step
    from bands

),

magnitudes as (

    select
        *,
        {% for number in ['first', 'second'] %}
            floor(round(ln(nullif(abs({{ number }}_number), 0)) / ln(10), 9))
                as {{ number }}_exponent,
            round({{ number }}_number / power(10, {{ number }}_exponent), 14)
                as {{ number }}_digits{{ ',' if not loop.last }}
        {% endfor %}
    from said

),

-- A number is said as 2.1e20 where it has more than 15 digits before the point,
-- or its step more than 6 behind it: at most 15 digits, as a double bears them.
readable as (

    select
        *,
        {% for number in ['first', 'second'] %}
            case
                when said_step < 1.0e-6 and {{ number }}_number = 0 then '0'
                when abs({{ number }}_number) >= 1.0e15 or said_step < 1.0e-6
                    then concat(
                        regexp_replace(
                            cast({{ number }}_digits as string), '[.]0$', ''
                        ),
                        'e',
                        cast(cast({{ number }}_exponent as bigint) as string)
                    )
                when said_step >= 1 then cast(
                    cast(round({{ number }}_number) as bigint) as string
                )
                when said_step >= 0.01 then cast(
                    cast({{ number }}_number as decimal(18, 2)) as string
                )
                else cast(cast({{ number }}_number as decimal(24, 6)) as string)
            end as {{ number }}_text{{ ',' if not loop.last }}
        {% endfor %}
    from magnitudes

),

-- A whole number in steps up to 1 is itself, and so is the 0 of a number that
-- is not whole: no spend is not little spend.
labelled as (

    select
        segmentation,
        segment_id,
        feature,
        is_number,
        case
            when not is_number then text
            when number is null then '(missing)'
            when is_whole and coalesce(step, 1) <= 1 then text
            when not is_whole and number = 0 then '0'
            when step is null then first_text
            else concat(first_text, '–', second_text)
        end as value,
        units
    from readable

)

select
    segmentation,
    segment_id,
    feature,
    is_number,
    value,
    cast(sum(units) as bigint) as units
from labelled
group by segmentation, segment_id, feature, is_number, value
