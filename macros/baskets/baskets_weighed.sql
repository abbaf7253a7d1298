{#-
    Everyone's strongest typical basket and the weights of all: the share of
    what was bought that each accounts for. Who bought nothing that a basket
    holds has a row without one.
-#}
{% macro baskets_weighed(population, weights, components, plan, key) %}
with population as (

    select * from {{ population }}

),

weights as (

    select * from {{ weights }}

),

plan as (

    select * from {{ plan }}

),

names as (

    select distinct
        components.component,
        components.component_name
    from {{ components }} as components
    inner join plan on components.model_version = plan.model_version

)

select
    population.{{ key }},
    names.component,
    names.component_name,
    {{ segmentation.vector_element('weights.weights', 'names.component') }} as weight,
    weights.weights,
    plan.model_version
from population
cross join plan
left join weights on population.{{ key }} = weights.{{ key }}
left join names on weights.component = names.component
{% endmacro %}
