{{ config(materialized='table', contract={'enforced': false}) }}

with widths as (

    select
        segmentation,
        feature,
        greatest_value,
        {{ segmentation.band_width('standard_deviation') }} as step
    from {{ ref('feature_moments') }}
    where segment_id is null

),

{%- for s in segmentation.segmentations() %}
{%- set features = segmentation.feature_columns(s) %}

{{ s.name }}_members as (

    select
        segments.segment_id
        {%- for feature in features %},
        units.{{ feature.name }} as value_{{ loop.index }}
        {%- endfor %}
    from {{ segmentation.unit_rows(s) }} as units
    inner join {{ ref(s.segments) }} as segments
        on units.{{ s.key_column }} = segments.{{ s.key_column }}

),

{#- Different values are counted first: they are far fewer than rows. #}
{{ s.name }}_values as (

    {% for feature in features -%}
    select
        '{{ s.name }}' as segmentation,
        '{{ feature.name }}' as feature,
        bands.segment_id,
        {% if feature.kind == 'number' -%}
        {{ segmentation.band_label(
            'bands.value', 'bands.lower_bound', 'bands.step', feature.is_whole
        ) }}
        {%- else -%}
        cast(bands.value as string)
        {%- endif %} as value,
        bands.units
    from (
        select
            counted.*,
            {%- if feature.kind == 'number' %}
            {{ segmentation.band_start(
                'counted.value', 'widths.step', 'widths.greatest_value'
            ) }} as lower_bound,
            {%- endif %}
            widths.step
        from (
            select
                segment_id,
                value_{{ loop.index }} as value,
                count(*) as units
            from {{ s.name }}_members
            group by segment_id, value_{{ loop.index }}
        ) as counted
        left join widths
            on widths.segmentation = '{{ s.name }}'
            and widths.feature = '{{ feature.name }}'
    ) as bands
    {{ 'union all' if not loop.last }}
    {% endfor %}
),
{%- endfor %}

labelled as (

    {% for s in segmentation.segmentations() -%}
    select * from {{ s.name }}_values
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    segmentation,
    segment_id,
    feature,
    value,
    cast(sum(units) as bigint) as units
from labelled
group by segmentation, segment_id, feature, value
