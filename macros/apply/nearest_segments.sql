{#-
    The two nearest segments of every placed unit. Nearness is a score, the
    lower the nearer: Euclidean distance to the centroid, or minus the log
    density under a mixture; of equals the smaller segment id comes first. With
    a switch_margin above 0 a unit stays in the segment it was in, unless the
    nearest is nearer by that share of the distance, or likelier by that share
    of the density.
-#}
{% macro nearest_segments(s, placed_units, centroids, previous_segments) %}
{% set switch_margin = segmentation.setting('switch_margin', s.name) %}
{% set distance = 'list_distance(placed.components, s.centroid)' %}
{#- Under a mixture ½ Σⱼ (x·Pⱼ - mean·Pⱼ)² - constant, with Pⱼ the columns
    of the Cholesky factor of the precision. #}
{% set deviation = 'list_dot_product(placed.components, axis)'
    ~ ' - list_dot_product(s.centroid, axis)' %}
{% set squares = 'list_sum(list_transform(s.axes, lambda axis: power('
    ~ deviation ~ ', 2)))' %}
with segments as (

    select
        model_version,
        segment_id,
        max(log_constant) as log_constant,
        list(centroid order by component) as centroid,
        list(axis_loadings order by component) as axes
    from {{ centroids }}
    group by model_version, segment_id

),

parameters as (

    select
        model_version,
        bool_or(log_constant is not null) as is_mixture,
        list(struct_pack(
            segment_id := segment_id,
            centroid := centroid,
            axes := axes,
            log_constant := log_constant
        ) order by segment_id) as segments
    from segments
    group by model_version

),

scored as (

    select
        placed.{{ s.key_column }},
        placed.model_version,
        placed.components,
        parameters.is_mixture,
        list_sort(list_transform(parameters.segments, lambda s: struct_pack(
            score := case
                when s.log_constant is null then {{ distance }}
                else {{ squares }} / 2 - s.log_constant
            end,
            segment_id := s.segment_id,
            distance := {{ distance }}
        ))) as neighbours
    from {{ placed_units }} as placed
    inner join parameters
        on placed.model_version = parameters.model_version

),

ranked as (

    select
        *,
        neighbours[1] as nearest,
        neighbours[2] as runner_up
    from scored

)
{%- if switch_margin > 0 %},

stored as (

    select
        ranked.*,
        list_filter(
            ranked.neighbours,
            lambda n: n.segment_id = previous.earlier_segment_id
        )[1] as stored
    from ranked
    left join {{ previous_segments }} as previous
        on cast(ranked.{{ s.key_column }} as string) = previous.unit_id

),

-- Whether the segment someone was in is near enough to stay there.
remembered as (

    select
        *,
        coalesce(
            stored.segment_id <> nearest.segment_id
            and case
                when is_mixture then 1 - exp(nearest.score - stored.score)
                else (stored.distance - nearest.distance)
                    / nullif(stored.distance, 0)
            end < {{ switch_margin }},
            false
        ) as stays
    from stored

),

chosen as (

    select
        {{ s.key_column }},
        model_version,
        components,
        is_mixture,
        neighbours,
        case when stays then stored else nearest end as nearest,
        case when stays then nearest else runner_up end as runner_up
    from remembered

)
{%- endif %}

select
    {{ s.key_column }},
    model_version,
    nearest.segment_id as segment_id,
    nearest.distance as distance,
    runner_up.segment_id as runner_up_segment_id,
    runner_up.distance as runner_up_distance,
    -- How clear the choice is: 0 on the border of two segments, at most 1.
    coalesce(greatest(
        case
            when is_mixture then 1 - exp(nearest.score - runner_up.score)
            else (runner_up.distance - nearest.distance)
                / nullif(runner_up.distance, 0)
        end,
        0
    ), 0) as confidence,
    case
        when is_mixture then 1 / list_sum(list_transform(
            neighbours, lambda n: exp(nearest.score - n.score)
        ))
    end as probability,
    components
from {{ 'chosen' if switch_margin > 0 else 'ranked' }}
{% endmacro %}
