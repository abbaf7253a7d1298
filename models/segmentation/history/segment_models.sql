with model_log as (

    select * from {{ ref('model_log') }}

),

candidates as (

    select * from {{ ref('k_candidates') }}
    where is_selected

),

facts as (

    select * from {{ ref('fit_facts') }}

),

activations as (

    select
        segmentation,
        model_version,
        max(event_number) as event_number
    from model_log
    where event = 'activated'
    group by segmentation, model_version

),

last_activations as (

    select
        segmentation,
        max(event_number) as event_number
    from activations
    group by segmentation

)

select
    model_log.segmentation,
    model_log.model_version,
    case
        when activations.event_number is null then 'candidate'
        when activations.event_number = last_activations.event_number
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
    coalesce(facts.silhouette, candidates.silhouette) as silhouette,
    candidates.smallest_share,
    facts.explained_variance,
    facts.mean_confidence,
    facts.library_versions,
    model_log.recorded_at as fitted_at
from model_log
inner join candidates
    on
        model_log.segmentation = candidates.segmentation
        and model_log.model_version = candidates.model_version
inner join facts
    on
        model_log.segmentation = facts.segmentation
        and model_log.model_version = facts.model_version
inner join last_activations
    on model_log.segmentation = last_activations.segmentation
left join activations
    on
        model_log.segmentation = activations.segmentation
        and model_log.model_version = activations.model_version
where model_log.event = 'fitted'
