{#-
    Every unit of a segmentation under the model versions that `versions` names
    for it, one row per unit and version: features are encoded and scaled,
    projected on the components, and given to the nearest segment. A row with a
    missing value that a version does not fill is left out.

    `s` is an entry of segmentations(), `units` what its rows are read from. The
    others are relations with a column `segmentation`: `versions` has a
    model_version, the rest are the fitted tables and everyone's segment so far.
-#}
{% macro assignments(
    s, units, versions, scaling, loadings, centroids, previous_segments
) %}
with versions as (

    select model_version from {{ versions }}
    where segmentation = '{{ s.name }}'

),

{% for name, relation in {
    'scaling': scaling, 'loadings': loadings, 'centroids': centroids,
}.items() -%}
{{ name }} as (

    select fitted.* from {{ relation }} as fitted
    inner join versions on fitted.model_version = versions.model_version
    where fitted.segmentation = '{{ s.name }}'

),

{% endfor -%}
previous_segments as (

    select
        unit_id,
        earlier_segment_id
    from {{ previous_segments }}
    where segmentation = '{{ s.name }}'

),

scaled_units as (

    {{ segmentation.scaled_units(s, units, 'scaling') | indent(4) }}

),

components as (

    select
        model_version,
        component,
        list(loading order by position) as loadings,
        list(mean order by position) as means
    from loadings
    group by model_version, component

),

projections as (

    select
        model_version,
        list(struct_pack(
            loadings := loadings,
            shift := list_dot_product(means, loadings)
        ) order by component) as components
    from components
    group by model_version

),

-- Each component is the dot product of the scaled values and its loadings, less
-- that of the means fitted with it.
placed_units as (

    select
        scaled.{{ s.key_column }},
        scaled.model_version,
        list_transform(
            projections.components,
            lambda c: list_dot_product(scaled.scaled_values, c.loadings)
            - c.shift
        ) as components
    from scaled_units as scaled
    inner join projections
        on scaled.model_version = projections.model_version

),

nearest_segments as (

    {{ segmentation.nearest_segments(
        s, 'placed_units', 'centroids', 'previous_segments'
    ) | indent(4) }}

)

select * from nearest_segments
{% endmacro %}
