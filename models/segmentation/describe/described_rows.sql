-- noqa: disable=LT02
-- Every unit of a small segment, a sample of a large one by the hash of the
-- key: what words are made of and rules are measured on.
{{ config(materialized='table', contract={'enforced': false}) }}
{% set most = 5000 %}
with unit_segments as (

    select * from {{ ref('unit_segments') }}

),

ranked as (

    select
        segmentation,
        unit_id,
        segment_id,
        row_number() over (
            partition by segmentation, segment_id
            order by md5(unit_id), unit_id
        ) as sample_rank,
        count(*) over (partition by segmentation, segment_id) as segment_size
    from unit_segments
    qualify sample_rank <= {{ most }}

)

{%- for s in segmentation.segmentations() %},

{{ s.name }}_values as (

    select
        features.{{ s.key_column }},
        {{ segmentation.feature_lists(s, 'features') }}
    from {{ segmentation.unit_rows(s) }} as features

),

{{ s.name }}_rows as (

    select
        '{{ s.name }}' as segmentation,
        ranked.unit_id,
        cast(row_number() over (order by ranked.unit_id) as bigint)
            as unit_order,
        cast(ranked.sample_rank as bigint) as sample_rank,
        units.numbers,
        units.levels,
        ranked.segment_id,
        cast(ranked.segment_size as double)
        / least(ranked.segment_size, {{ most }}) as units
    from ranked
    -- Each has its row. An inner join of hundreds of columns with what a window
    -- keeps takes DuckDB 2.0 minutes to plan.
    left join {{ s.name }}_values as units
        on cast(units.{{ s.key_column }} as string) = ranked.unit_id
    where ranked.segmentation = '{{ s.name }}'

)
{%- endfor %}

{% for s in segmentation.segmentations() -%}
select * from {{ s.name }}_rows
{{ 'union all' if not loop.last }}
{% endfor %}
