{#-
    The keys of the rows a fit looks at, ranked by the hash of the key: all of
    them up to the bound, beyond it the same sample in every build. Empty in a
    build that fits nothing, neither a model nor the extras of one.
-#}
{% macro fit_rows(entity, key) %}
with features as (

    select * from {{ ref(entity ~ '_features') }}

),

plan as (

    select fit_plan.rows_fitted
    from {{ ref('int_' ~ entity ~ '_fit_plan') }} as fit_plan
    inner join {{ ref('int_' ~ entity ~ '_extras_plan') }} as extras_plan
        on fit_plan.is_fit or extras_plan.is_fit

),

ranked as (

    select
        features.{{ key }},
        plan.rows_fitted,
        row_number() over (
            order by
                md5(cast(features.{{ key }} as string)),
                features.{{ key }}
        ) as sample_rank
    from features
    cross join plan

)

select
    {{ key }},
    cast(sample_rank as bigint) as sample_rank
from ranked
where sample_rank <= rows_fitted
{% endmacro %}
