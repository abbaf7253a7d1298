{#- The registry: one row per model version, its status derived from the log. -#}
{% macro segment_models(entity) %}
with model_log as (

    select * from {{ ref(entity ~ '_model_log') }}

),

candidates as (

    select * from {{ ref(entity ~ '_k_candidates') }}
    where is_selected

),

structure as (

    select
        model_version,
        silhouette
    from {{ ref('fit_' ~ entity ~ '_structure') }}

),

facts as (

    select * from {{ ref('fit_' ~ entity ~ '_facts') }}

),

activations as (

    select
        model_version,
        max(event_number) as event_number
    from model_log
    where event = 'activated'
    group by model_version

),

last_activation as (

    select max(event_number) as event_number
    from activations

)

select
    model_log.model_version,
    case
        when activations.event_number is null then 'candidate'
        when activations.event_number = last_activation.event_number
            then 'active'
        else 'retired'
    end as status,
    model_log.reason,
    model_log.as_of_date,
    model_log.recipe_name,
    model_log.recipe,
    model_log.recipe_hash,
    model_log.data_fingerprint,
    model_log.rows_available,
    model_log.rows_fitted,
    candidates.k,
    coalesce(structure.silhouette, candidates.silhouette) as silhouette,
    candidates.smallest_share,
    facts.explained_variance,
    facts.mean_confidence,
    facts.library_versions,
    model_log.recorded_at as fitted_at
from model_log
inner join candidates on model_log.model_version = candidates.model_version
inner join structure on model_log.model_version = structure.model_version
inner join facts on model_log.model_version = facts.model_version
cross join last_activation
left join activations on model_log.model_version = activations.model_version
where model_log.event = 'fitted'
{% endmacro %}
