{#-
    How far the segments' shares have moved from those of the fit: their
    population stability index. Reads serving_model, assignments and
    current_state of the query that it is a part of.
-#}
{% macro segment_share_drift(entity) %}
with clusters as (

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

fitted as (

    select sum(fitted_rows) as fitted_rows
    from clusters

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

)

select
    round(sum(
        (current_share - baseline_share) * ln(current_share / baseline_share)
    ), 9) as psi,
    greatest(count(*) - 1, 1) as degrees,
    1.0e0 / max(fitted_rows) + 1.0e0 / max(current_rows) as sampling,
    count(*) as segments_found
from segment_shares
{% endmacro %}
