{#-
    Range, mean and standard deviation of every numeric feature, for all rows
    and for each segment. Sums run over decimals of the values' place in their
    range, from 0 to 1: exact, so threads and row order change nothing, and
    without overflow at any magnitude.
-#}
{% macro feature_moments(entity, key) %}
{% set numbers = segmentation.feature_columns(segmentation.named_entry(entity))
    | selectattr('kind', 'equalto', 'number') | map(attribute='name') | list %}
with features as (

    select * from {{ ref(entity ~ '_features') }}

),

segments as (

    select * from {{ ref(entity ~ '_segments') }}

),

members as (

    select
        segments.segment_id,
        features.*
    from features
    inner join segments on features.{{ key }} = segments.{{ key }}

),

{% if numbers %}
ranges as (

    select
        {%- for name in numbers %}
        cast(min({{ name }}) as double) as {{ name }}_least,
        nullif(cast(max({{ name }}) as double) - cast(min({{ name }}) as double), 0)
            as {{ name }}_range{{ ',' if not loop.last }}
        {%- endfor %}
    from members

),

places as (

    select
        members.segment_id,
        {%- for name in numbers %}
        case
            when ranges.{{ name }}_range is not null then
                (cast(members.{{ name }} as double) - ranges.{{ name }}_least)
                / ranges.{{ name }}_range
            when members.{{ name }} is not null then 0.0e0
        end as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from members
    cross join ranges

),

sums as (

    select
        segment_id,
        {%- for name in numbers %}
        count({{ name }}) as {{ name }}_count,
        sum(cast({{ name }} as decimal(18, 15))) as {{ name }}_sum,
        sum(cast({{ name }} * {{ name }} as decimal(18, 15)))
            as {{ name }}_squares{{ ',' if not loop.last }}
        {%- endfor %}
    from places
    group by segment_id

),

{% for name in numbers %}
{{ name }}_moments as (

    select
        sums.segment_id,
        '{{ name }}' as feature,
        sums.{{ name }}_count as value_count,
        cast(sums.{{ name }}_sum as double) as place_sum,
        cast(sums.{{ name }}_squares as double) as place_squares,
        ranges.{{ name }}_least as least,
        coalesce(ranges.{{ name }}_range, 0) as value_range
    from sums
    cross join ranges
    union all
    select
        null as segment_id,
        '{{ name }}' as feature,
        sum(sums.{{ name }}_count) as value_count,
        cast(sum(sums.{{ name }}_sum) as double) as place_sum,
        cast(sum(sums.{{ name }}_squares) as double) as place_squares,
        max(ranges.{{ name }}_least) as least,
        coalesce(max(ranges.{{ name }}_range), 0) as value_range
    from sums
    cross join ranges

),
{% endfor %}
stacked as (

    {% for name in numbers -%}
    select * from {{ name }}_moments
    {{ 'union all' if not loop.last }}
    {% endfor %}
)
{% else %}
stacked as (

    select
        segment_id,
        cast(null as string) as feature,
        cast(null as bigint) as value_count,
        cast(null as double) as place_sum,
        cast(null as double) as place_squares,
        cast(null as double) as least,
        cast(null as double) as value_range
    from members
    where 1 = 0

)
{% endif %}

select
    cast(segment_id as bigint) as segment_id,
    feature,
    cast(value_count as bigint) as value_count,
    least + value_range as greatest_value,
    least + value_range * place_sum / nullif(value_count, 0) as mean,
    value_range * sqrt(greatest(
        place_squares / nullif(value_count, 0)
        - power(place_sum / nullif(value_count, 0), 2),
        0
    )) as standard_deviation
from stacked
{% endmacro %}
