with described as (

    select * from {{ ref('describe_segments') }}

),

segments as (

    select * from {{ ref('segments') }}

),

overrides as (

    select * from {{ ref('segment_overrides') }}

),

-- Of customers alone it is known what they will bring.
forecasts as (

    {% if segmentation.has_segmentation('customer') %}
        select
            'customer' as segmentation,
            segment_id,
            horizon_days,
            expected_value,
            value_at_risk,
            probability_active
        from {{ ref('segment_value_forecast') }}
        where expected_value is not null
    {% else %}
        select
            cast(null as string) as segmentation,
            cast(null as bigint) as segment_id,
            cast(null as bigint) as horizon_days,
            cast(null as decimal(18, 2)) as expected_value,
            cast(null as decimal(18, 2)) as value_at_risk,
            cast(null as double) as probability_active
        where 1 = 0
    {% endif %}

)

select
    described.segmentation,
    described.segment_id,
    segments.segment_name,
    described.kind,
    coalesce(overrides.suggestion, described.suggestion) as suggestion,
    described.aims_at,
    described.success,
    forecasts.horizon_days,
    forecasts.expected_value,
    forecasts.value_at_risk,
    forecasts.probability_active
from described
inner join segments
    on
        described.segmentation = segments.segmentation
        and described.segment_id = segments.segment_id
left join overrides
    on
        described.segmentation = overrides.segmentation
        and described.segment_id = overrides.segment_id
left join forecasts
    on
        described.segmentation = forecasts.segmentation
        and described.segment_id = forecasts.segment_id
where described.suggestion is not null
