-- noqa: disable=LT02
-- Empty in a build that fits nothing, neither a model nor the extras of one.
{{ config(materialized='table') }}

with plan as (

    select
        segmentation,
        rows_fitted
    from {{ ref('fit_plan') }}
    where is_fit or makes_extras

)

{%- for s in segmentation.segmentations() %},

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
        -- Those drawn are the first, so their ranks are the same among them.
        cast(row_number() over (
            order by
                md5(cast(features.{{ s.key_column }} as string)),
                features.{{ s.key_column }}
        ) as bigint) as sample_rank,
        {{ segmentation.feature_lists(s, 'features') }}
    from {{ segmentation.unit_rows(s) }} as features
    -- A join of hundreds of columns takes DuckDB 2.0 minutes to plan.
    where features.{{ s.key_column }} in (
        select ranked.{{ s.key_column }} from {{ s.name }}_ranked as ranked
        where ranked.sample_rank <= ranked.rows_fitted
    )

)
{%- endfor %}

{% for s in segmentation.segmentations() -%}
select * from {{ s.name }}_rows
{{ 'union all' if not loop.last }}
{% endfor %}
