{#-
    Can a model be believed? One row per version.
-#}
{% macro segmentation_quality(entity) %}
with candidates as (

    select * from {{ ref(entity ~ '_k_candidates') }}

),

structure as (

    select * from {{ ref('fit_' ~ entity ~ '_structure') }}

),

facts as (

    select * from {{ ref('fit_' ~ entity ~ '_facts') }}

),

stability as (

    select
        model_version,
        min(jaccard) as smallest_stability,
        {{ segmentation.exact_mean('jaccard') }} as mean_stability
    from {{ ref('fit_' ~ entity ~ '_stability') }}
    group by model_version

),

gap_answers as (

    {{ segmentation.gap_answers('candidates') | indent(4) }}

)

select
    candidates.model_version,
    candidates.k,
    gap_answers.gap_k,
    coalesce(structure.silhouette, candidates.silhouette) as silhouette,
    facts.explained_variance,
    coalesce(stability.smallest_stability, candidates.stability)
        as smallest_stability,
    stability.mean_stability,
    structure.null_silhouette,
    structure.null_silhouette_sd,
    structure.excess,
    structure.z,
    structure.valley_depth,
    structure.has_structure,
    structure.verdict,
    structure.rows_judged
from candidates
inner join structure on candidates.model_version = structure.model_version
inner join facts on candidates.model_version = facts.model_version
left join stability on candidates.model_version = stability.model_version
left join gap_answers on candidates.model_version = gap_answers.model_version
where candidates.is_selected
{% endmacro %}
