{#-
    What trust is judged on: the first max_selection_rows of the fitted rows, in
    the order of their keys' hashes, with the segment each has under the version
    just fitted and under the one that was active before. Empty in a build that
    fits nothing.
-#}
{% macro trust_sample(entity, key) %}
with plan as (

    select * from {{ ref('int_' ~ entity ~ '_fit_plan') }}

),

sample as (

    select fit_sample.*
    from {{ ref('int_' ~ entity ~ '_fit_sample_components') }} as fit_sample
    inner join plan on fit_sample.sample_rank <= plan.rows_judged

),

assignments as (

    select * from {{ ref('int_' ~ entity ~ '_assignments') }}

),

active_assignments as (

    select
        assignments.{{ key }},
        assignments.segment_id
    from assignments
    inner join plan on assignments.model_version = plan.active_version

)

select
    sample.sample_rank,
    sample.{{ key }},
    sample.components,
    assignments.segment_id,
    active_assignments.segment_id as active_segment_id
from sample
inner join assignments
    on sample.{{ key }} = assignments.{{ key }}
    and sample.model_version = assignments.model_version
left join active_assignments
    on sample.{{ key }} = active_assignments.{{ key }}
{% endmacro %}
