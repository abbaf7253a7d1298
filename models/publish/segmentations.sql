-- noqa: disable=LT02
{{ config(materialized='table') }}

with entries as (

    {% for s in segmentation.segmentations() -%}
    {%- set sources = {} %}
    {%- for column in s.columns or [] %}
        {%- do sources.update({column.name: [column.from]}) %}
    {%- endfor %}
    {%- if s.columns and s.duplicates != 'keep' %}
        {%- do sources.update({s.key_column: s.key_columns}) %}
    {%- endif -%}
    select
        '{{ s.name }}' as segmentation,
        '{{ s.unit }}' as unit,
        '{{ s.key_column }}' as key_column,
        '{{ segmentation.features_table(s) }}' as features_table,
        '{{ s.segments }}' as segments_table,
        '{{ s.name }}_segment_history' as history_table,
        '{{ tojson(sources) | replace("'", "''") }}' as source_columns
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

unit_counts as (

    select * from {{ ref('unit_counts') }}

),

serving_models as (

    select * from {{ ref('serving_models') }}

),

sizes as (

    select
        segmentation,
        sum(units) as units
    from {{ ref('segments') }}
    group by segmentation

)

select
    entries.segmentation,
    entries.unit,
    entries.key_column,
    entries.features_table,
    entries.segments_table,
    entries.history_table,
    serving_models.model_version,
    unit_counts.as_of_date,
    cast(coalesce(sizes.units, 0) as bigint) as units,
    unit_counts.objection is not null as is_stale,
    unit_counts.objection as reason,
    entries.source_columns
from entries
inner join unit_counts on entries.segmentation = unit_counts.segmentation
left join serving_models on entries.segmentation = serving_models.segmentation
left join sizes on entries.segmentation = sizes.segmentation
