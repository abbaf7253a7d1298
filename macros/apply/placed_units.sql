{#-
    Projects scaled units on the fitted components: each is the dot product of
    the scaled values and its loadings, less that of the means fitted with it.
-#}
{% macro placed_units(s, scaled_units, loadings) %}
with components as (

    select
        model_version,
        component,
        {{ segmentation.vector_collect('loading', order_by='position') }}
            as loadings,
        {{ segmentation.vector_collect('mean', order_by='position') }}
            as means
    from {{ loadings }}
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
    scaled.{{ s.key_column }},
    scaled.model_version,
    {{ segmentation.vector_map(
        'parameters.components', 'c',
        segmentation.dot_product('scaled.scaled_values', 'c.loadings')
            ~ ' - c.shift'
    ) }} as components
from {{ scaled_units }} as scaled
inner join parameters
    on scaled.model_version = parameters.model_version
{% endmacro %}
