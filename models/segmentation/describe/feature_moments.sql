{{ config(materialized='table', contract={'enforced': false}) }}

with sums as (

    {% for s in segmentation.segmentations() %}
        select
            '{{ s.name }}' as segmentation,
            {{ s.name }}_sums.*
        from (
            {{ segmentation.feature_sums(s) | indent(12) }}
        ) as {{ s.name }}_sums
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    segmentation,
    cast(segment_id as bigint) as segment_id,
    feature,
    cast(value_count as bigint) as value_count,
    cast(total as decimal(38, 2)) as total,
    least + value_range as greatest_value,
    least + value_range * place_sum / nullif(value_count, 0) as mean,
    value_range * sqrt(greatest(
        place_squares / nullif(value_count, 0)
        - power(place_sum / nullif(value_count, 0), 2),
        0
    )) as standard_deviation,
    median
from sums
