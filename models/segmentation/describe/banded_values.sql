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

features as (

    {% for s in segmentation.segmentations() %}
        {% set is_last = loop.last %}
        {% for feature in segmentation.feature_columns(s) %}
            select
                '{{ s.name }}' as segmentation,
                '{{ feature.name }}' as feature,
                {{ loop.index }} as place,
                {{ feature.kind == 'number' }} as is_number,
                {{ feature.is_whole }} as is_whole
            {{ 'union all' if not (is_last and loop.last) }}
        {% endfor %}
    {% endfor %}

),

-- Every different value once: they are far fewer than rows.
different_values as (

    {% for s in segmentation.segmentations() %}
        {% set is_last = loop.last %}
        {% set all_features = segmentation.feature_columns(s) %}
        {% set names = all_features | map(attribute='name') | list %}
        {% for part in segmentation.feature_parts(all_features) %}
            {% set numbers, texts, places = [], [], [] %}
            {% for feature in part %}
                {% set place = names.index(feature.name) + 1 %}
                {% set value = [place, 'members.value_' ~ place] %}
                {% do places.append(place) %}
                {% if feature.kind == 'number' %}
                    {% do numbers.append(value) %}
                {% endif %}
                {% if feature.is_whole or feature.kind != 'number' %}
                    {% do texts.append(value) %}
                {% endif %}
            {% endfor %}
            select
                '{{ s.name }}' as segmentation,
                place,
                segment_id,
                number,
                text,
                count(*) as units
            from (
                select
                    features.place,
                    members.segment_id,
                    {{ segmentation.value_of(
                        'features.place', numbers, 'double'
                    ) | indent(20) }} as number,
                    {{ segmentation.value_of(
                        'features.place', texts, 'string'
                    ) | indent(20) }} as text
                from {{ s.name }}_members as members
                cross join features
                where
                    features.segmentation = '{{ s.name }}'
                    and features.place in ({{ places | join(', ') }})
            ) as part_values
            group by place, segment_id, number, text
            {{ 'union all' if not (is_last and loop.last) }}
        {% endfor %}
    {% endfor %}

),

counted as (

    select
        features.segmentation,
        features.feature,
        features.is_number,
        features.is_whole,
        different_values.segment_id,
        different_values.number,
        different_values.text,
        different_values.units
    from different_values
    inner join features
        on
            different_values.segmentation = features.segmentation
            and different_values.place = features.place

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
