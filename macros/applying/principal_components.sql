{#-
    Applies `<segmentation>_pca`: each component is the dot product of the
    scaled values and its loadings, less that of the means fitted with it.
-#}
{% macro principal_components(entity, key) %}
with scaled_features as (

    select * from {{ ref(entity ~ '_scaled_features') }}

),

pca as (

    select * from {{ ref(entity ~ '_pca') }}

),

components as (

    select
        model_version,
        component,
        {{ segmentation.vector_collect('loading', order_by='position') }} as loadings,
        {{ segmentation.vector_collect('mean', order_by='position') }} as means
    from pca
    group by model_version, component

),

parameters as (

    select
        model_version,
        {{ segmentation.vector_collect(segmentation.struct_of([
            ['loadings', 'loadings'],
            ['shift', segmentation.dot_product('means', 'loadings')],
        ]), order_by='component') }} as components
    from components
    group by model_version

)

select
    scaled_features.{{ key }},
    scaled_features.model_version,
    {{ segmentation.vector_map(
        'parameters.components', 'c',
        segmentation.dot_product('scaled_features.scaled_values', 'c.loadings') ~ ' - c.shift'
    ) }} as components
from scaled_features
inner join parameters
    on scaled_features.model_version = parameters.model_version
{% endmacro %}
