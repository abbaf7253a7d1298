{#-
    For tests: the intervals of all segmentations, from the histories that are
    published and, where a segmentation has none, from the changes.
-#}
{% macro segment_intervals() %}
{% set histories = {} %}
{% if segmentation.has_segmentation('customer') %}
    {% do histories.update({'customer': ref('customer_segment_history')}) %}
{% endif %}
{% if segmentation.has_segmentation('product') %}
    {% do histories.update({'product': ref('product_segment_history')}) %}
{% endif %}
{% for name, history in histories.items() %}
select
    '{{ name }}' as segmentation,
    cast({{ name }}_id as string) as unit_id,
    segment_id,
    valid_from,
    valid_to
from {{ history }}
union all
{% endfor %}
select
    segmentation,
    unit_id,
    segment_id,
    as_of_date as valid_from,
    lead(as_of_date) over (
        partition by segmentation, unit_id order by as_of_date
    ) as valid_to
from {{ ref('segment_changes') }}
where
    unit_id is not null
    and segmentation not in ('{{ histories | join("', '") }}')
{% endmacro %}
