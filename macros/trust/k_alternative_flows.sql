{#- Which segment of one k goes into which of the next, by name. -#}
{% macro k_alternative_flows(entity, key, unit) %}
with alternatives as (

    select * from {{ ref(entity ~ '_k_alternatives') }}

),

counted as (

    select
        earlier.model_version,
        earlier.k as from_k,
        earlier.segment as from_segment,
        earlier.segment_name as from_segment_name,
        later.k as to_k,
        later.segment as to_segment,
        later.segment_name as to_segment_name,
        cast(count(*) as bigint) as {{ unit }}
    from alternatives as earlier
    inner join alternatives as later
        on earlier.model_version = later.model_version
        and earlier.{{ key }} = later.{{ key }}
        and earlier.k + 1 = later.k
    group by
        earlier.model_version,
        earlier.k,
        earlier.segment,
        earlier.segment_name,
        later.k,
        later.segment,
        later.segment_name

)

select
    *,
    cast({{ unit }} as double) / sum({{ unit }}) over (
        partition by model_version, from_k, from_segment
    ) as share
from counted
{% endmacro %}
