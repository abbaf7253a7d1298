-- noqa: disable=LT02
{% for s in segmentation.segmentations() %}
select
    '{{ s.name }}' as segmentation,
    cast({{ s.key_column }} as string) as unit_id,
    segment_id,
    segment_name,
    {{ 'cast(null as double) as ' if s.kind == 'rules' }}distance,
    confidence,
    model_version
from {{ ref(s.segments) }}
{{ 'union all' if not loop.last }}
{% endfor %}
