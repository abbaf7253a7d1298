{#-
    The three most frequent values of every feature in every segment, with
    their share there, their share among all and the lift between the two.
-#}
{% macro cluster_report(entity, unit) %}
{% set columns = segmentation.feature_columns(segmentation.named_entry(entity)) | map(attribute='name') | list %}
with banded_features as (

    select * from {{ ref('int_' ~ entity ~ '_banded_features') }}

),

segment_sizes as (

    select
        segment_id,
        segment_name,
        count(*) as segment_size
    from banded_features
    group by segment_id, segment_name

),

total as (

    select count(*) as total_size
    from banded_features

),

counts as (

    {% for name in columns -%}
    select
        segment_id,
        '{{ name }}' as feature,
        {{ name }} as feature_value,
        count(*) as {{ unit }}
    from banded_features
    group by segment_id, {{ name }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

population as (

    select
        feature,
        feature_value,
        sum({{ unit }}) as population_size
    from counts
    group by feature, feature_value

),

ranked as (

    select
        *,
        row_number() over (
            partition by segment_id, feature
            order by {{ unit }} desc, feature_value asc
        ) as value_rank
    from counts

)

select
    ranked.segment_id,
    segment_sizes.segment_name,
    cast(segment_sizes.segment_size as double) / total.total_size as segment_share,
    ranked.feature,
    cast(ranked.value_rank as bigint) as rank,
    ranked.feature_value as value,
    cast(ranked.{{ unit }} as bigint) as {{ unit }},
    cast(ranked.{{ unit }} as double) / segment_sizes.segment_size as share,
    cast(population.population_size as double) / total.total_size
        as population_share,
    (cast(ranked.{{ unit }} as double) / segment_sizes.segment_size)
        / (cast(population.population_size as double) / total.total_size) as lift
from ranked
inner join segment_sizes on ranked.segment_id = segment_sizes.segment_id
inner join population
    on ranked.feature = population.feature
    and ranked.feature_value = population.feature_value
cross join total
where ranked.value_rank <= 3
{% endmacro %}
