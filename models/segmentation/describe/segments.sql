with moments as (

    select * from {{ ref('feature_moments') }}

),

described as (

    select * from {{ ref('describe_segments') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

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

money_columns as (

    {% for s in segmentation.segmentations() %}
        select
            '{{ s.name }}' as segmentation,
            '{{ s.revenue or '' }}' as revenue,
            '{{ s.earnings or '' }}' as earnings
        {{ 'union all' if not loop.last }}
    {% endfor %}

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
    described.description,
    -- A name that somebody chose claims nothing that a build could check.
    case
        when segment_names.override_reason is null then described.name_is_true
    end as name_is_true,
    case
        when segment_names.override_reason is null
            then described.name_objection
    end as name_objection,
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
inner join described
    on
        sizes.segmentation = described.segmentation
        and sizes.segment_id = described.segment_id
inner join segment_names
    on
        sizes.segmentation = segment_names.segmentation
        and sizes.model_version = segment_names.model_version
        and sizes.segment_id = segment_names.segment_id
left join money
    on
        sizes.segmentation = money.segmentation
        and sizes.segment_id = money.segment_id
