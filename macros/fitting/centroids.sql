{#- Fitted clusters under the segment ids they were matched to. -#}
{% macro centroids(entity, unit) %}
with clusters as (

    select * from {{ ref('fit_' ~ entity ~ '_kmeans') }}

),

matches as (

    select * from {{ ref('fit_' ~ entity ~ '_matches') }}
    where kind in ('kept', 'split', 'new')

)

select
    clusters.model_version,
    matches.new_id as segment_id,
    clusters.component,
    clusters.centroid,
    clusters.fitted_rows as {{ unit }},
    clusters.axis_loadings,
    clusters.log_constant
from clusters
inner join matches
    on clusters.model_version = matches.model_version
    and clusters.cluster = matches.cluster
{% endmacro %}
