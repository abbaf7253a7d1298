{#-
    Has the world moved away from the model that serves? One row per feature,
    and one each for the segment shares and the confidence. What the plan has
    measured is read from there; a model that was just fitted or brought back is
    measured here.
-#}
{% macro segment_drift(entity) %}
{% set policy = segmentation.segmentation_policy(entity) %}
with serving_model as (

    select
        model_version,
        earlier_version
    from {{ ref('int_' ~ entity ~ '_serving_model') }}

),

serving_baseline as (

    select baseline.*
    from {{ ref('fit_' ~ entity ~ '_baseline') }} as baseline
    inner join serving_model
        on baseline.model_version = serving_model.model_version
    where serving_model.earlier_version is distinct from baseline.model_version

),

own_drift as (

    {{ segmentation.feature_drift(entity, baseline='serving_baseline') | indent(4) }}

),

feature_drift as (

    select planned.*
    from {{ ref('int_' ~ entity ~ '_feature_drift') }} as planned
    inner join serving_model
        on planned.model_version = serving_model.model_version
    union all
    select * from own_drift

),

assignments as (

    select assignments.*
    from {{ ref('int_' ~ entity ~ '_assignments') }} as assignments
    inner join serving_model
        on assignments.model_version = serving_model.model_version

),

facts as (

    select facts.*
    from {{ ref('fit_' ~ entity ~ '_facts') }} as facts
    inner join serving_model
        on facts.model_version = serving_model.model_version

),

current_state as (

    select
        count(*) as current_rows,
        {{ segmentation.exact_mean('assignments.margin') }} as confidence
    from assignments

),

segment_drift as (

    {{ segmentation.segment_share_drift(entity) | indent(4) }}

),

measured as (

    select
        'feature' as measure,
        feature,
        psi,
        chance_psi,
        is_trigger,
        cast(null as double) as baseline_value,
        odd_share as current_value
    from feature_drift
    union all
    select
        'segment shares' as measure,
        null as feature,
        psi,
        {{ segmentation.chance_psi('degrees', 'sampling') }} as chance_psi,
        false as is_trigger,
        null as baseline_value,
        null as current_value
    from segment_drift
    where segments_found > 0
    union all
    select
        'confidence' as measure,
        null as feature,
        null as psi,
        null as chance_psi,
        false as is_trigger,
        facts.mean_confidence as baseline_value,
        current_state.confidence as current_value
    from facts
    cross join current_state

)

select
    serving_model.model_version,
    measured.measure,
    measured.feature,
    measured.psi,
    measured.chance_psi,
    {{ policy['drift_warn'] }} + measured.chance_psi as warn_above,
    {{ policy['drift_refit'] }} + measured.chance_psi as drifted_above,
    measured.is_trigger,
    measured.baseline_value,
    measured.current_value,
    case
        when measured.psi > {{ policy['drift_refit'] }} + measured.chance_psi
            then 'drifted'
        when measured.psi > {{ policy['drift_warn'] }} + measured.chance_psi
            then 'moving'
        when measured.psi is not null then 'stable'
    end as status
from measured
cross join serving_model
{% endmacro %}
