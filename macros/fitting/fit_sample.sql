{#-
    What a fit of one stage reads: the fitted rows of the version under trial
    with the stage's columns. `stage` is one of features, scaled_features and
    components.
-#}
{% macro fit_sample(entity, key, stage) %}
with fit_rows as (

    select * from {{ ref('int_' ~ entity ~ '_fit_rows') }}

),

{% if stage == 'features' %}
stage as (

    select * from {{ ref(entity ~ '_features') }}

)
{% else %}
plan as (

    select * from {{ ref('int_' ~ entity ~ '_fit_plan') }}

),

stage as (

    select applied.*
    from {{ ref(entity ~ '_' ~ stage) }} as applied
    inner join plan on applied.model_version = plan.model_version

)
{% endif %}

select
    fit_rows.sample_rank,
    stage.*
from stage
inner join fit_rows on stage.{{ key }} = fit_rows.{{ key }}
{% endmacro %}
