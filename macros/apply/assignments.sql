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

scaling as (

    select fitted.* from {{ scaling }} as fitted
    inner join versions on fitted.model_version = versions.model_version
    where fitted.segmentation = '{{ s.name }}'

),

loadings as (

    select fitted.* from {{ loadings }} as fitted
    inner join versions on fitted.model_version = versions.model_version
    where fitted.segmentation = '{{ s.name }}'

),

centroids as (

    select fitted.* from {{ centroids }} as fitted
    inner join versions on fitted.model_version = versions.model_version
    where fitted.segmentation = '{{ s.name }}'

),

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

placed_units as (

    {{ segmentation.placed_units(s, 'scaled_units', 'loadings') | indent(4) }}

),

nearest_segments as (

    {{ segmentation.nearest_segments(
        s, 'placed_units', 'centroids', 'previous_segments'
    ) | indent(4) }}

)

select * from nearest_segments
{% endmacro %}
