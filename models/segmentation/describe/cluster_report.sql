with counts as (

    select * from {{ ref('banded_values') }}

),

serving_models as (

    select * from {{ ref('serving_models') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

),

-- Every unit has one value of every feature, so that any of them counts all.
compared as (

    select
        *,
        cast(sum(units) over (
            partition by segmentation, feature, segment_id
        ) as double) as segment_size,
        cast(sum(units) over (
            partition by segmentation, feature, value
        ) as double) as population_size,
        cast(sum(units) over (
            partition by segmentation, feature
        ) as double) as total_size,
        row_number() over (
            partition by segmentation, feature, segment_id
            order by units desc, value asc nulls last
        ) as value_rank
    from counts

)

select
    compared.segmentation,
    compared.segment_id,
    segment_names.segment_name,
    compared.segment_size / compared.total_size as segment_share,
    compared.feature,
    cast(compared.value_rank as bigint) as rank,
    compared.value,
    cast(compared.units as bigint) as units,
    compared.units / compared.segment_size as share,
    compared.population_size / compared.total_size as population_share,
    (compared.units / compared.segment_size)
    / (compared.population_size / compared.total_size) as lift
from compared
inner join serving_models
    on compared.segmentation = serving_models.segmentation
inner join segment_names
    on
        serving_models.segmentation = segment_names.segmentation
        and serving_models.model_version = segment_names.model_version
        and compared.segment_id = segment_names.segment_id
where compared.value_rank <= 3 and compared.value is not null
