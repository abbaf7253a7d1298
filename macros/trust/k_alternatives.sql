{#-
    The sampled rows' segments under one segment less, as selected, and one
    more; the selected number shows the published segments under their names.
-#}
{% macro k_alternatives(entity, key, key_type='bigint') %}
with alternatives as (

    select * from {{ ref('fit_' ~ entity ~ '_alternatives') }}

),

segment_names as (

    select * from {{ ref(entity ~ '_segment_names') }}

)

select
    alternatives.model_version,
    cast(alternatives.row_key as {{ key_type }}) as {{ key }},
    alternatives.k,
    alternatives.is_selected,
    alternatives.segment,
    coalesce(alternatives.segment_name, segment_names.segment_name)
        as segment_name
from alternatives
left join segment_names
    on alternatives.is_selected
    and alternatives.model_version = segment_names.model_version
    and alternatives.segment = segment_names.segment_id
{% endmacro %}
