{#-
    Applies `<segmentation>_pca`: each component is the dot product of the
    scaled values and its loadings, less that of the means fitted with it.
-#}
{% macro principal_components(segmentation, key) %}
with scaled_features as (

    select * from {{ ref(segmentation ~ '_scaled_features') }}

),

pca as (

    select * from {{ ref(segmentation ~ '_pca') }}

),

components as (

    select
        model_version,
        component,
        {{ vector_collect('loading', order_by='position') }} as loadings,
        {{ vector_collect('mean', order_by='position') }} as means
    from pca
    group by model_version, component

),

parameters as (

    select
        model_version,
        {{ vector_collect(struct_of([
            ['loadings', 'loadings'],
            ['shift', dot_product('means', 'loadings')],
        ]), order_by='component') }} as components
    from components
    group by model_version

)

select
    scaled_features.{{ key }},
    scaled_features.model_version,
    {{ vector_map(
        'parameters.components', 'c',
        dot_product('scaled_features.scaled_values', 'c.loadings') ~ ' - c.shift'
    ) }} as components
from scaled_features
inner join parameters
    on scaled_features.model_version = parameters.model_version
{% endmacro %}
