{#- Sizes of the segments at the date of this build's data. -#}
{% macro segment_sizes(segmentation, unit, as_of) %}
with segments as (

    select * from {{ ref(segmentation ~ '_segments') }}

),

as_of as (

    select as_of_date from {{ as_of }}

),

counted as (

    select
        segment_id,
        segment_name,
        model_version,
        count(*) as segment_size
    from segments
    group by segment_id, segment_name, model_version

),

total as (

    select count(*) as total_size
    from segments

)

select
    as_of.as_of_date,
    counted.segment_id,
    counted.segment_name,
    cast(counted.segment_size as bigint) as {{ unit }},
    cast(counted.segment_size as double) / total.total_size as share,
    counted.model_version
from counted
cross join total
cross join as_of
{% endmacro %}
