{#- Every unit with a segment: its features as value_1, value_2, … -#}
{% macro members(s, unit_segments) -%}
select
    {%- for feature in segmentation.feature_columns(s) %}
    units.{{ feature.name }} as value_{{ loop.index }},
    {%- endfor %}
    segments.segment_id
from {{ segmentation.unit_rows(s) }} as units
inner join {{ unit_segments }} as segments
    on
        segments.segmentation = '{{ s.name }}'
        and cast(units.{{ s.key_column }} as string) = segments.unit_id
{%- endmacro %}
