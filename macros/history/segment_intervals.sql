{#-
    For tests: the intervals of all segmentations, from the histories that are
    published and, where a segmentation has none, from the changes.
-#}
{% macro segment_intervals() %}
{% set names = segmentation.segmentations() | map(attribute='name') | list %}
{% set published = ['customer', 'product'] | select('in', names) | list %}
{% if 'customer' in published %}
select
    'customer' as segmentation,
    cast(customer_id as string) as unit_id,
    segment_id,
    valid_from,
    valid_to
from {{ ref('customer_segment_history') }}
union all
{% endif %}
{% if 'product' in published %}
select
    'product' as segmentation,
    cast(product_id as string) as unit_id,
    segment_id,
    valid_from,
    valid_to
from {{ ref('product_segment_history') }}
union all
{% endif %}
select
    segmentation,
    unit_id,
    segment_id,
    as_of_date as valid_from,
    lead(as_of_date) over (
        partition by segmentation, unit_id order by as_of_date
    ) as valid_to
from {{ ref('segment_changes') }}
where segmentation not in ('{{ published | join("', '") }}')
{% endmacro %}
