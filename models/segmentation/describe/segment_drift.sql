with serving_models as (

    select * from {{ ref('serving_models') }}

),

policies as (

    select * from {{ ref('policies') }}

),

planned_drift as (

    select * from {{ ref('feature_drift') }}

),

facts as (

    select * from {{ ref('fit_facts') }}

),

-- A model that was just fitted or brought back was not measured by the plan.
new_baseline as (

    select baseline.*
    from {{ ref('fit_baseline') }} as baseline
    inner join serving_models
        on
            baseline.segmentation = serving_models.segmentation
            and baseline.model_version = serving_models.model_version
    where
        serving_models.earlier_version is distinct from baseline.model_version

),

{% for s in segmentation.segmentations() %}
    {{ s.name }}_drift as (

        {{ segmentation.drift_of(s, 'new_baseline') | indent(8) }}

    ),
{% endfor %}

feature_drift as (

    select planned_drift.*
    from planned_drift
    inner join serving_models
        on
            planned_drift.segmentation = serving_models.segmentation
            and planned_drift.model_version = serving_models.model_version
    {% for s in segmentation.segmentations() %}
        union all
        select * from {{ s.name }}_drift
    {% endfor %}

),

current_segments as (

    select
        segmentation,
        segment_id,
        count(*) as current_rows
    from {{ ref('unit_segments') }}
    group by segmentation, segment_id

),

current_states as (

    select
        segmentation,
        count(*) as current_rows,
        {{ segmentation.exact_mean('confidence') }} as confidence
    from {{ ref('unit_segments') }}
    group by segmentation

),

fitted_segments as (

    select distinct
        clusters.segmentation,
        matches.new_id as segment_id,
        clusters.fitted_rows
    from {{ ref('fit_clusters') }} as clusters
    inner join {{ ref('fit_segments') }} as matches
        on
            clusters.segmentation = matches.segmentation
            and clusters.model_version = matches.model_version
            and clusters.cluster = matches.cluster
    inner join serving_models
        on
            clusters.segmentation = serving_models.segmentation
            and clusters.model_version = serving_models.model_version
    where matches.kind in ('kept', 'split', 'new')

),

fitted_states as (

    select
        segmentation,
        sum(fitted_rows) as fitted_rows
    from fitted_segments
    group by segmentation

),

segment_shares as (

    select
        fitted_segments.segmentation,
        fitted_states.fitted_rows,
        current_states.current_rows,
        greatest(
            cast(fitted_segments.fitted_rows as double)
            / fitted_states.fitted_rows,
            1.0e-4
        ) as baseline_share,
        greatest(
            coalesce(cast(current_segments.current_rows as double), 0)
            / current_states.current_rows,
            1.0e-4
        ) as current_share
    from fitted_segments
    inner join fitted_states
        on fitted_segments.segmentation = fitted_states.segmentation
    inner join current_states
        on fitted_segments.segmentation = current_states.segmentation
    left join current_segments
        on
            fitted_segments.segmentation = current_segments.segmentation
            and fitted_segments.segment_id = current_segments.segment_id

),

share_drift as (

    select
        segmentation,
        round(sum(
            (current_share - baseline_share)
            * ln(current_share / baseline_share)
        ), 9) as psi,
        greatest(count(*) - 1, 1) as degrees,
        1.0e0 / max(fitted_rows) + 1.0e0 / max(current_rows) as sampling
    from segment_shares
    group by segmentation

),

measured as (

    select
        segmentation,
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
        segmentation,
        'segment shares' as measure,
        null as feature,
        psi,
        {{ segmentation.chance_psi('degrees', 'sampling') }} as chance_psi,
        false as is_trigger,
        null as baseline_value,
        null as current_value
    from share_drift
    union all
    select
        facts.segmentation,
        'confidence' as measure,
        null as feature,
        null as psi,
        null as chance_psi,
        false as is_trigger,
        facts.mean_confidence as baseline_value,
        current_states.confidence as current_value
    from facts
    inner join serving_models
        on
            facts.segmentation = serving_models.segmentation
            and facts.model_version = serving_models.model_version
    left join current_states
        on facts.segmentation = current_states.segmentation

),

limits as (

    select
        measured.*,
        serving_models.model_version,
        policies.drift_warn + measured.chance_psi as warn_above,
        policies.drift_refit + measured.chance_psi as drifted_above
    from measured
    inner join serving_models
        on measured.segmentation = serving_models.segmentation
    inner join policies
        on measured.segmentation = policies.segmentation

)

select
    segmentation,
    model_version,
    measure,
    feature,
    psi,
    chance_psi,
    warn_above,
    drifted_above,
    is_trigger,
    baseline_value,
    current_value,
    case
        when psi > drifted_above then 'drifted'
        when psi > warn_above then 'moving'
        when psi is not null then 'stable'
    end as status
from limits
