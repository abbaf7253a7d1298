{#-
    Count, sums, range and median of every numeric feature of one segmentation,
    for each segment and, with segment_id null, for all. Places in a feature's
    range, from 0 to 1, are summed as decimals: exact, so threads and row order
    change nothing, and without overflow at any magnitude.
-#}
{% macro feature_sums(s) %}
{% set features = segmentation.feature_columns(s)
    | selectattr('kind', 'equalto', 'number') | map(attribute='name') | list %}
with members as (

    select
        segments.segment_id
        {%- for feature in features %},
        units.{{ feature }} as value_{{ loop.index }}
        {%- endfor %}
    from {{ segmentation.unit_rows(s) }} as units
    inner join {{ ref(s.segments) }} as segments
        on units.{{ s.key_column }} = segments.{{ s.key_column }}

),

ranges as (

    select
        count(*) as members_found
        {%- for feature in features %}
        {%- set value = 'value_' ~ loop.index %},
        cast(min({{ value }}) as double) as least_{{ loop.index }},
        nullif(
            cast(max({{ value }}) as double) - cast(min({{ value }}) as double),
            0
        ) as range_{{ loop.index }}
        {%- endfor %}
    from members

),

places as (

    select
        members.*
        {%- for feature in features %}
        {%- set value = 'members.value_' ~ loop.index %}
        {%- set range = 'ranges.range_' ~ loop.index %},
        case
            when {{ range }} is not null then
                (cast({{ value }} as double) - ranges.least_{{ loop.index }})
                / {{ range }}
            when {{ value }} is not null then 0.0e0
        end as place_{{ loop.index }}
        {%- endfor %}
    from members
    cross join ranges

),

{#- By the number alone: DuckDB then keeps the values of each segment once. #}
segment_sums as (

    select
        segment_id
        {%- for feature in features %}
        {%- set value = 'value_' ~ loop.index %}
        {%- set place = 'place_' ~ loop.index %},
        count({{ place }}) as count_{{ loop.index }},
        sum(cast({{ place }} as decimal(18, 15))) as places_{{ loop.index }},
        sum(cast({{ place }} * {{ place }} as decimal(18, 15)))
            as squares_{{ loop.index }},
        case
            when lower(typeof(min({{ value }}))) not in ('double', 'float')
                then try_cast(sum({{ value }}) as decimal(38, 2))
        end as total_{{ loop.index }},
        cast(median({{ value }}) as double) as median_{{ loop.index }}
        {%- endfor %}
    from places
    group by segment_id

),

sums as (

    select * from segment_sums
    union all
    select
        null as segment_id
        {%- for feature in features %},
        sum(count_{{ loop.index }}) as count_{{ loop.index }},
        sum(places_{{ loop.index }}) as places_{{ loop.index }},
        sum(squares_{{ loop.index }}) as squares_{{ loop.index }},
        sum(total_{{ loop.index }}) as total_{{ loop.index }},
        null as median_{{ loop.index }}
        {%- endfor %}
    from segment_sums

)
{% for feature in features %}
select
    sums.segment_id,
    '{{ feature }}' as feature,
    sums.count_{{ loop.index }} as value_count,
    sums.total_{{ loop.index }} as total,
    cast(sums.places_{{ loop.index }} as double) as place_sum,
    cast(sums.squares_{{ loop.index }} as double) as place_squares,
    ranges.least_{{ loop.index }} as least,
    coalesce(ranges.range_{{ loop.index }}, 0) as value_range,
    sums.median_{{ loop.index }} as median
from sums
cross join ranges
{{ 'union all' if not loop.last }}
{%- else %}
select
    sums.segment_id,
    cast(null as string) as feature,
    cast(null as bigint) as value_count,
    cast(null as decimal(38, 2)) as total,
    cast(null as double) as place_sum,
    cast(null as double) as place_squares,
    cast(null as double) as least,
    cast(null as double) as value_range,
    cast(null as double) as median
from sums
where 1 = 0
{%- endfor %}
{% endmacro %}
