with moments as (

    select * from {{ ref('feature_moments') }}

),

serving_models as (

    select * from {{ ref('serving_models') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

),

inside as (

    select
        moments.*,
        segment_names.segment_name
    from moments
    inner join serving_models
        on moments.segmentation = serving_models.segmentation
    inner join segment_names
        on
            serving_models.segmentation = segment_names.segmentation
            and serving_models.model_version = segment_names.model_version
            and moments.segment_id = segment_names.segment_id

),

overall as (

    select * from moments
    where segment_id is null

)

-- Rounded to 6 decimals, where that leaves something of a number.
select
    inside.segmentation,
    inside.segment_id,
    inside.segment_name,
    inside.feature,
    case
        when abs(inside.mean) >= 1.0e-3 then round(inside.mean, 6)
        else inside.mean
    end as mean,
    case
        when abs(inside.median) >= 1.0e-3 then round(inside.median, 6)
        else inside.median
    end as median,
    case
        when abs(overall.mean) >= 1.0e-3 then round(overall.mean, 6)
        else overall.mean
    end as population_mean,
    round(inside.mean / nullif(overall.mean, 0) - 1, 6) as relative_importance,
    round(
        (inside.mean - overall.mean) / nullif(overall.standard_deviation, 0), 6
    ) as effect_size
from inside
inner join overall
    on
        inside.segmentation = overall.segmentation
        and inside.feature = overall.feature
