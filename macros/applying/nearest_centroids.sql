{#-
    Distances of every row to all centroids of a version, nearest first; of
    equally near centroids the smaller segment id comes first. With a
    switch_margin above 0 a row stays in the segment it was in, unless the
    nearest centroid is nearer by that share of the distance.
-#}
{% macro nearest_centroids(segmentation, key) %}
{% set switch_margin = segmentation_policy(segmentation)['switch_margin'] %}
with components as (

    select * from {{ ref(segmentation ~ '_components') }}

),

centroids as (

    select * from {{ ref(segmentation ~ '_centroids') }}

),

previous_segments as (

    select * from {{ ref('int_' ~ segmentation ~ '_previous_segments') }}

),

segments as (

    select
        model_version,
        segment_id,
        {{ vector_collect('centroid', order_by='component') }} as centroid
    from centroids
    group by model_version, segment_id

),

parameters as (

    select
        model_version,
        {{ vector_collect(struct_of([
            ['segment_id', 'segment_id'], ['centroid', 'centroid'],
        ]), order_by='segment_id') }} as segments
    from segments
    group by model_version

),

ranked as (

    select
        components.{{ key }},
        components.model_version,
        components.components,
        {{ vector_sort(vector_map('parameters.segments', 's', struct_of([
            ['distance', euclidean_distance('components.components', 's.centroid')],
            ['segment_id', 's.segment_id'],
        ]))) }} as neighbours
    from components
    inner join parameters
        on components.model_version = parameters.model_version

),

nearest as (

    select
        {{ key }},
        model_version,
        components,
        neighbours,
        {{ vector_element('neighbours', 1) }} as nearest,
        {{ vector_element('neighbours', 2) }} as runner_up
    from ranked

)
{%- if switch_margin > 0 %},

chosen as (

    select
        nearest.{{ key }},
        nearest.model_version,
        nearest.components,
        case when {{ stays('nearest', 'previous_segments', switch_margin) }}
            then {{ stored_neighbour('nearest', 'previous_segments') }}
            else nearest.nearest
        end as nearest,
        case when {{ stays('nearest', 'previous_segments', switch_margin) }}
            then nearest.nearest
            else nearest.runner_up
        end as runner_up
    from nearest
    left join previous_segments
        on nearest.{{ key }} = previous_segments.{{ key }}

)
{%- endif %}

select
    {{ key }},
    model_version,
    nearest.segment_id as segment_id,
    nearest.distance as distance,
    runner_up.segment_id as runner_up_segment_id,
    runner_up.distance as runner_up_distance,
    {{ vector_element('components', 1) }} as component_1,
    {{ vector_element('components', 2) }} as component_2
from {{ 'chosen' if switch_margin > 0 else 'nearest' }}
{% endmacro %}


{#- Whether the segment someone was in is near enough to stay there. -#}
{% macro stays(neighbours, previous, switch_margin) -%}
coalesce(
            {{ previous }}.earlier_segment_id <> {{ neighbours }}.nearest.segment_id
            and {{ stored_neighbour(neighbours, previous) }}.distance
            - {{ neighbours }}.nearest.distance
            < {{ switch_margin }} * {{ stored_neighbour(neighbours, previous) }}.distance,
            false
        )
{%- endmacro %}


{% macro stored_neighbour(neighbours, previous) -%}
{{ vector_find(
    neighbours ~ '.neighbours', 'n', 'n.segment_id = ' ~ previous ~ '.earlier_segment_id'
) }}
{%- endmacro %}
