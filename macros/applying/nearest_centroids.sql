{#-
    The two nearest segments of every row, under every version in play. Nearness
    is a score, the lower the nearer: Euclidean distance to the centroid, or
    minus the log density under a mixture; of equals the smaller segment id
    comes first. With a switch_margin above 0 a row stays in the segment it was
    in, unless the nearest is nearer by that share of the distance, or likelier
    by that share of the density.
-#}
{% macro nearest_centroids(entity, key) %}
{% set switch_margin = segmentation.segmentation_policy(entity)['switch_margin'] %}
with components as (

    select * from {{ ref(entity ~ '_components') }}

),

centroids as (

    select * from {{ ref(entity ~ '_centroids') }}

),

previous_segments as (

    select * from {{ ref('int_' ~ entity ~ '_previous_segments') }}

),

segments as (

    select
        model_version,
        segment_id,
        max(log_constant) as log_constant,
        {{ segmentation.vector_collect('centroid', order_by='component') }} as centroid,
        {{ segmentation.vector_collect('axis_loadings', order_by='component') }} as axes
    from centroids
    group by model_version, segment_id

),

parameters as (

    select
        model_version,
        bool_or(log_constant is not null) as is_mixture,
        {{ segmentation.vector_collect(segmentation.struct_of([
            ['segment_id', 'segment_id'], ['centroid', 'centroid'],
            ['axes', 'axes'], ['log_constant', 'log_constant'],
        ]), order_by='segment_id') }} as segments
    from segments
    group by model_version

),

scored as (

    select
        components.{{ key }},
        components.model_version,
        components.components,
        parameters.is_mixture,
        {{ segmentation.vector_sort(segmentation.vector_map('parameters.segments', 's', segmentation.struct_of([
            ['score', segmentation.segment_score('components.components', 's')],
            ['segment_id', 's.segment_id'],
            ['distance', segmentation.euclidean_distance('components.components', 's.centroid')],
        ]))) }} as neighbours
    from components
    inner join parameters
        on components.model_version = parameters.model_version

),

ranked as (

    select
        *,
        {{ segmentation.vector_element('neighbours', 1) }} as nearest,
        {{ segmentation.vector_element('neighbours', 2) }} as runner_up
    from scored

)
{%- if switch_margin > 0 %},

chosen as (

    select
        ranked.{{ key }},
        ranked.model_version,
        ranked.components,
        ranked.is_mixture,
        ranked.neighbours,
        case when {{ segmentation.stays('ranked', 'previous_segments', switch_margin) }}
            then {{ segmentation.stored_neighbour('ranked', 'previous_segments') }}
            else ranked.nearest
        end as nearest,
        case when {{ segmentation.stays('ranked', 'previous_segments', switch_margin) }}
            then ranked.nearest
            else ranked.runner_up
        end as runner_up
    from ranked
    left join previous_segments
        on ranked.{{ key }} = previous_segments.{{ key }}

)
{%- endif %}

select
    {{ key }},
    model_version,
    nearest.segment_id as segment_id,
    nearest.distance as distance,
    runner_up.segment_id as runner_up_segment_id,
    runner_up.distance as runner_up_distance,
    {{ segmentation.segment_margin() }} as margin,
    case
        when is_mixture then 1 / {{ segmentation.vector_sum(segmentation.vector_map(
            'neighbours', 'n', 'exp(nearest.score - n.score)'
        )) }}
    end as probability,
    {{ segmentation.vector_element('components', 1) }} as component_1,
    {{ segmentation.vector_element('components', 2) }} as component_2
from {{ 'chosen' if switch_margin > 0 else 'ranked' }}
{% endmacro %}


{#-
    Distance to a centroid; under a mixture ½ Σⱼ (x·Pⱼ - mean·Pⱼ)² - constant,
    with Pⱼ the columns of the Cholesky factor of the precision.
-#}
{% macro segment_score(components, segment) -%}
{%- set deviation = segmentation.dot_product(components, 'axis') ~ ' - '
    ~ segmentation.dot_product(segment ~ '.centroid', 'axis') -%}
case
            when {{ segment }}.log_constant is null
                then {{ segmentation.euclidean_distance(components, segment ~ '.centroid') }}
            else {{ segmentation.vector_sum(segmentation.vector_map(
                segment ~ '.axes', 'axis', 'power(' ~ deviation ~ ', 2)'
            )) }} / 2 - {{ segment }}.log_constant
        end
{%- endmacro %}


{#- How clear the choice is: 0 on the border between two segments, at most 1. -#}
{% macro segment_margin() -%}
coalesce(greatest(
        case
            when is_mixture then 1 - exp(nearest.score - runner_up.score)
            else (runner_up.distance - nearest.distance)
                / nullif(runner_up.distance, 0)
        end,
        0
    ), 0)
{%- endmacro %}


{#- Whether the segment someone was in is near enough to stay there. -#}
{% macro stays(neighbours, previous, switch_margin) -%}
{%- set stored = segmentation.stored_neighbour(neighbours, previous) -%}
coalesce(
            {{ previous }}.earlier_segment_id <> {{ neighbours }}.nearest.segment_id
            and case
                when {{ neighbours }}.is_mixture
                    then 1 - exp({{ neighbours }}.nearest.score - {{ stored }}.score)
                else ({{ stored }}.distance - {{ neighbours }}.nearest.distance)
                    / nullif({{ stored }}.distance, 0)
            end < {{ switch_margin }},
            false
        )
{%- endmacro %}


{% macro stored_neighbour(neighbours, previous) -%}
{{ segmentation.vector_find(
    neighbours ~ '.neighbours', 'n', 'n.segment_id = ' ~ previous ~ '.earlier_segment_id'
) }}
{%- endmacro %}
