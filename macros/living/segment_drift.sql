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

clusters as (

    select distinct
        matches.new_id as segment_id,
        clusters.fitted_rows
    from {{ ref('fit_' ~ entity ~ '_kmeans') }} as clusters
    inner join {{ ref('fit_' ~ entity ~ '_matches') }} as matches
        on clusters.model_version = matches.model_version
        and clusters.cluster = matches.cluster
    inner join serving_model
        on clusters.model_version = serving_model.model_version
    where matches.kind in ('kept', 'split', 'new')

),

facts as (

    select facts.*
    from {{ ref('fit_' ~ entity ~ '_facts') }} as facts
    inner join serving_model
        on facts.model_version = serving_model.model_version

),

fitted as (

    select sum(fitted_rows) as fitted_rows
    from clusters

),

current_state as (

    select
        count(*) as current_rows,
        {{ segmentation.exact_mean('assignments.margin') }} as confidence
    from assignments

),

segment_shares as (

    select
        clusters.segment_id,
        fitted.fitted_rows,
        current_state.current_rows,
        greatest(
            cast(clusters.fitted_rows as double) / fitted.fitted_rows, 1.0e-4
        ) as baseline_share,
        greatest(
            cast(count(assignments.segment_id) as double)
            / current_state.current_rows,
            1.0e-4
        ) as current_share
    from clusters
    cross join fitted
    cross join current_state
    left join assignments on clusters.segment_id = assignments.segment_id
    group by
        clusters.segment_id,
        clusters.fitted_rows,
        fitted.fitted_rows,
        current_state.current_rows

),

segment_drift as (

    select
        round(sum(
            (current_share - baseline_share) * ln(current_share / baseline_share)
        ), 9) as psi,
        greatest(count(*) - 1, 1) as degrees,
        1.0e0 / max(fitted_rows) + 1.0e0 / max(current_rows) as sampling,
        count(*) as segments_found
    from segment_shares

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


{#- The mean of values between -1 and 1, exact whatever the order of rows. -#}
{% macro exact_mean(value) -%}
round(
            cast(sum(cast({{ value }} as decimal(18, 15))) as double)
            / nullif(count({{ value }}), 0),
            12
        )
{%- endmacro %}
