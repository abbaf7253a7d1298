with profiles as (

    select * from {{ ref('segment_profiles') }}

),

moments as (

    select * from {{ ref('feature_moments') }}

),

sizes as (

    select
        segmentation,
        segment_id,
        segment_name,
        model_version,
        count(*) as segment_size
    from {{ ref('unit_segments') }}
    group by segmentation, segment_id, segment_name, model_version

),

fitted_features as (

    select distinct
        scaling.segmentation,
        scaling.feature
    from {{ ref('scaling') }} as scaling
    inner join {{ ref('serving_models') }} as serving_models
        on
            scaling.segmentation = serving_models.segmentation
            and scaling.model_version = serving_models.model_version

),

money_columns as (

    {% for s in segmentation.segmentations() %}
        select
            '{{ s.name }}' as segmentation,
            '{{ s.revenue or '' }}' as revenue,
            '{{ s.earnings or '' }}' as earnings
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

traits as (

    select
        profiles.segmentation,
        profiles.segment_id,
        concat(
            case when profiles.effect_size > 0 then 'high ' else 'low ' end,
            replace(profiles.feature, '_', ' '),
            ' (median ',
            regexp_replace(
                cast(case
                    when abs(profiles.median) >= 0.01
                        then round(profiles.median, 2)
                    else profiles.median
                end as string),
                '[.]0$', ''
            ),
            ')'
        ) as phrase,
        row_number() over (
            partition by profiles.segmentation, profiles.segment_id
            order by abs(profiles.effect_size) desc, profiles.feature
        ) as rank
    from profiles
    inner join fitted_features
        on
            profiles.segmentation = fitted_features.segmentation
            and profiles.feature = fitted_features.feature
    where
        abs(profiles.effect_size) >= 0.3
        and (profiles.effect_low > 0 or profiles.effect_high < 0)

),

descriptions as (

    select
        segmentation,
        segment_id,
        concat_ws(
            ', ',
            max(case when rank = 1 then phrase end),
            max(case when rank = 2 then phrase end),
            max(case when rank = 3 then phrase end)
        ) as description
    from traits
    group by segmentation, segment_id

),

-- The sum of a double is not exact, but to the cent it is.
totals as (

    select
        segmentation,
        segment_id,
        feature,
        coalesce(
            total, try_cast(mean * value_count as decimal(38, 2))
        ) as total
    from moments

),

money as (

    select
        totals.segmentation,
        totals.segment_id,
        max(
            case
                when totals.feature = money_columns.revenue
                    then totals.total
            end
        ) as revenue,
        max(
            case
                when totals.feature = money_columns.earnings
                    then totals.total
            end
        ) as earnings
    from totals
    inner join money_columns
        on totals.segmentation = money_columns.segmentation
    group by totals.segmentation, totals.segment_id

)

select
    sizes.segmentation,
    sizes.segment_id,
    sizes.segment_name,
    coalesce(descriptions.description, 'close to the average') as description,
    cast(sizes.segment_size as bigint) as units,
    cast(sizes.segment_size as double) / sum(sizes.segment_size) over (
        partition by sizes.segmentation
    ) as share,
    cast(money.revenue as decimal(18, 2)) as revenue,
    cast(money.revenue as double) / nullif(cast(sum(money.revenue) over (
        partition by sizes.segmentation
    ) as double), 0) as revenue_share,
    round(cast(money.earnings as double) / sizes.segment_size, 2)
        as mean_margin,
    sizes.model_version
from sizes
left join descriptions
    on
        sizes.segmentation = descriptions.segmentation
        and sizes.segment_id = descriptions.segment_id
left join money
    on
        sizes.segmentation = money.segmentation
        and sizes.segment_id = money.segment_id
