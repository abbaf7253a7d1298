-- noqa: disable=LT02
-- Empty in a build that fits nothing, neither a model nor the extras of one.
-- The lists have the order of feature_columns(). A missing number is NaN: lists
-- of doubles without a null are read many times faster. A list without an
-- element holds one that means nothing, so that it has a type.
{{ config(materialized='table') }}

with plan as (

    select
        segmentation,
        rows_fitted
    from {{ ref('fit_plan') }}
    where is_fit or makes_extras

)

{%- for s in segmentation.segmentations() %}
    {%- set numbers, levels = [], [] %}
    {%- for feature in segmentation.feature_columns(s) %}
        {%- set value = 'features.' ~ feature.name %}
        {%- if feature.kind == 'number' %}
            {%- do numbers.append(
                'coalesce(cast(' ~ value ~ " as double), cast('NaN' as double))"
            ) %}
        {%- else %}
            {%- do levels.append('cast(' ~ value ~ ' as string)') %}
        {%- endif %}
    {%- endfor %},

{{ s.name }}_ranked as (

    select
        units.{{ s.key_column }},
        plan.rows_fitted,
        row_number() over (
            order by
                md5(cast(units.{{ s.key_column }} as string)),
                units.{{ s.key_column }}
        ) as sample_rank
    from {{ segmentation.unit_rows(s) }} as units
    inner join plan on plan.segmentation = '{{ s.name }}'

),

{{ s.name }}_rows as (

    select
        '{{ s.name }}' as segmentation,
        cast(features.{{ s.key_column }} as string) as unit_id,
        cast(row_number() over (order by features.{{ s.key_column }}) as bigint)
            as unit_order,
        cast(ranked.sample_rank as bigint) as sample_rank,
        {{ segmentation.vector_of(numbers or ["cast('NaN' as double)"]) }}
            as numbers,
        {{ segmentation.vector_of(levels or ['cast(null as string)']) }}
            as levels
    from {{ segmentation.unit_rows(s) }} as features
    inner join {{ s.name }}_ranked as ranked
        on features.{{ s.key_column }} = ranked.{{ s.key_column }}
    where ranked.sample_rank <= ranked.rows_fitted

)
{%- endfor %}

{% for s in segmentation.segmentations() -%}
select * from {{ s.name }}_rows
{{ 'union all' if not loop.last }}
{% endfor %}
