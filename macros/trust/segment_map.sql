{#- The map's points, each with the segment it had when the map was drawn. -#}
{% macro segment_map(entity, key, key_type='bigint') %}
with places as (

    select * from {{ ref('fit_' ~ entity ~ '_map') }}

),

segment_names as (

    select * from {{ ref(entity ~ '_segment_names') }}

)

select
    places.model_version,
    cast(places.row_key as {{ key_type }}) as {{ key }},
    places.x,
    places.y,
    places.segment_id,
    segment_names.segment_name
from places
inner join segment_names
    on places.model_version = segment_names.model_version
    and places.segment_id = segment_names.segment_id
{% endmacro %}
