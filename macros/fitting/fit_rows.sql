{#-
    The keys of the rows a fit looks at, ranked by the hash of the key: all of
    them up to the bound, beyond it the same sample in every build. Empty in a
    build that fits nothing.
-#}
{% macro fit_rows(entity, key) %}
with features as (

    select * from {{ ref(entity ~ '_features') }}

),

plan as (

    select * from {{ ref('int_' ~ entity ~ '_fit_plan') }}

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
    inner join plan on plan.is_fit

)

select
    {{ key }},
    cast(sample_rank as bigint) as sample_rank
from ranked
where sample_rank <= rows_fitted
{% endmacro %}
