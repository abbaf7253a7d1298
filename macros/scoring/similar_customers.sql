{#-
    A query for the n units nearest to one, by cosine similarity in component
    space, by Euclidean distance over the scaled features, or by both; raw
    feature values beside each. Nobody of that id, or without a segment: no row.
    Ties go to the smaller key.
-#}
{% macro similar_customers(unit_id, n=5, by='both', name='customer') %}
{% if n is not integer or n is boolean or n < 1 %}
    {% do exceptions.raise_compiler_error(
        "similar_customers: n is " ~ n
        ~ ", but it must be a whole number of at least 1."
    ) %}
{% elif by not in ['cosine', 'distance', 'both'] %}
    {% do exceptions.raise_compiler_error(
        "similar_customers: by is '" ~ by ~ "'. Use cosine, distance or both."
    ) %}
{% endif %}
{% set s = segmentation.segmentation_entry(name) %}
{% set key = s.key_column %}
with serving_scaling as (

    select scaling.*
    from {{ ref('scaling') }} as scaling
    inner join {{ ref('serving_models') }} as serving
        on scaling.segmentation = serving.segmentation
        and scaling.model_version = serving.model_version
    where scaling.segmentation = '{{ name }}'

),

scaled_units as (

    {{ segmentation.scaled_units(
        s, segmentation.unit_rows(s), 'serving_scaling'
    ) | indent(4) }}

),

vectors as (

    select
        segments.{{ key }},
        segments.segment_id,
        segments.segment_name,
        segments.components,
        scaled_units.scaled_values,
        {{ segmentation.dot_product(
            'segments.components', 'segments.components'
        ) }} as squared_length
    from {{ ref(s.segments) }} as segments
    inner join scaled_units on segments.{{ key }} = scaled_units.{{ key }}

),

target as (

    select * from vectors
    where cast({{ key }} as string) = {{ dbt.string_literal(
        dbt.escape_single_quotes(unit_id | string)
    ) }}

),

measured as (

    select
        vectors.{{ key }},
        vectors.segment_id,
        vectors.segment_name,
        {{ segmentation.dot_product(
            'vectors.components', 'target.components'
        ) }} / nullif(sqrt(vectors.squared_length * target.squared_length), 0)
            as cosine_similarity,
        {{ segmentation.euclidean_distance(
            'vectors.scaled_values', 'target.scaled_values'
        ) }} as scaled_distance
    from vectors
    cross join target
    where vectors.{{ key }} <> target.{{ key }}

),

neighbours as (

    {% for measure in (['cosine', 'distance'] if by == 'both' else [by]) -%}
    {%- set order = 'cosine_similarity desc nulls last'
        if measure == 'cosine' else 'scaled_distance' -%}
    select
        '{{ measure }}' as measure,
        row_number() over (order by {{ order }}, {{ key }}) as rank,
        *
    from (
        select * from measured
        order by {{ order }}, {{ key }}
        limit {{ n }}
    ) as {{ measure }}_nearest
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    neighbours.measure,
    neighbours.rank,
    neighbours.{{ key }},
    neighbours.cosine_similarity,
    neighbours.scaled_distance,
    neighbours.segment_id,
    neighbours.segment_name
    {%- for column in segmentation.feature_columns(s) %},
    features.{{ column.name }}
    {%- endfor %}
from neighbours
inner join {{ segmentation.unit_rows(s) }} as features
    on neighbours.{{ key }} = features.{{ key }}
order by neighbours.measure, neighbours.rank
{% endmacro %}
