{#-
    A query for the n customers nearest to one, by cosine similarity in
    component space, by Euclidean distance over the scaled features, or by both;
    raw feature values beside each. Nobody of that id, or without a segment: no
    row. Ties go to the smaller key.
-#}
{% macro similar_customers(
    customer_id, n=5, by='both', entity='customer', key=none
) %}
{% set key = key or entity ~ '_id' %}
{% do segmentation.check_similar_arguments(n, by) %}
with segments as (

    select * from {{ ref(entity ~ '_segments') }}

),

components as (

    select * from {{ ref(entity ~ '_components') }}

),

scaled_features as (

    select * from {{ ref(entity ~ '_scaled_features') }}

),

features as (

    select * from {{ ref(entity ~ '_features') }}

),

vectors as (

    select
        segments.{{ key }},
        segments.segment_id,
        segments.segment_name,
        components.components,
        scaled_features.scaled_values,
        {{ segmentation.dot_product('components.components', 'components.components') }}
            as squared_length
    from segments
    inner join components
        on segments.{{ key }} = components.{{ key }}
        and segments.model_version = components.model_version
    inner join scaled_features
        on segments.{{ key }} = scaled_features.{{ key }}
        and segments.model_version = scaled_features.model_version

),

target as (

    select * from vectors
    where cast({{ key }} as string)
        = {{ dbt.string_literal(dbt.escape_single_quotes(customer_id | string)) }}

),

measured as (

    select
        vectors.{{ key }},
        vectors.segment_id,
        vectors.segment_name,
        {{ segmentation.dot_product('vectors.components', 'target.components') }}
            / nullif(sqrt(vectors.squared_length * target.squared_length), 0)
            as cosine_similarity,
        {{ segmentation.euclidean_distance('vectors.scaled_values', 'target.scaled_values') }}
            as scaled_distance
    from vectors
    cross join target
    where vectors.{{ key }} <> target.{{ key }}

),

neighbours as (

    {% for measure in (['cosine', 'distance'] if by == 'both' else [by]) -%}
    {{ segmentation.nearest_by(measure, key, n) | indent(4) }}
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
    {%- for column in segmentation.feature_columns(segmentation.named_entry(entity))
        if column.name != key %},
    features.{{ column.name }}
    {%- endfor %}
from neighbours
inner join features on neighbours.{{ key }} = features.{{ key }}
order by neighbours.measure, neighbours.rank
{% endmacro %}


{% macro nearest_by(measure, key, n) -%}
{% set order = 'cosine_similarity desc nulls last' if measure == 'cosine'
    else 'scaled_distance' %}
select
    '{{ measure }}' as measure,
    row_number() over (order by {{ order }}, {{ key }}) as rank,
    *
from (
    select * from measured
    order by {{ order }}, {{ key }}
    limit {{ n }}
) as {{ measure }}_nearest
{%- endmacro %}


{% macro check_similar_arguments(n, by) %}
    {% if n is not integer or n is boolean or n < 1 %}
        {% do exceptions.raise_compiler_error(
            "similar_customers: n is " ~ n ~ ", but it must be a whole number of at least 1."
        ) %}
    {% elif by not in ['cosine', 'distance', 'both'] %}
        {% do exceptions.raise_compiler_error(
            "similar_customers: by is '" ~ by ~ "'. Use cosine, distance or both."
        ) %}
    {% endif %}
{% endmacro %}
