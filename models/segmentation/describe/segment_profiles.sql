{#- Student's t at 97.5 %, by its expansion about the normal quantile: to 0.03 %
    from 4 degrees of freedom up (Abramowitz & Stegun 1964, 26.7.5). -#}
{% set t = '(1.959964e0 + 2.372271e0 / d + 2.822548e0 / power(d, 2)'
    ~ ' + 2.555850e0 / power(d, 3) + 1.589534e0 / power(d, 4))' %}
with moments as (

    select * from {{ ref('feature_moments') }}

),

serving_models as (

    select * from {{ ref('serving_models') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

),

overall as (

    select * from moments
    where segment_id is null

),

-- A ratio of sums is another figure than the mean of its units' ratios, and has
-- a name of its own.
ratios as (

    select
        cast(null as string) as segmentation,
        cast(null as string) as feature,
        cast(null as string) as ratio_name,
        cast(null as string) as part,
        cast(null as string) as whole
    where 1 = 0
    {%- for s in segmentation.segmentations() %}
    {%- for feature in segmentation.feature_columns(s) if feature.ratio %}
    union all
    select
        '{{ s.name }}' as segmentation,
        '{{ feature.name }}' as feature,
        '{{ feature.ratio.name }}' as ratio_name,
        '{{ feature.ratio.part }}' as part,
        '{{ feature.ratio.whole }}' as whole
    {%- endfor %}
    {%- endfor %}

),

divided as (

    select
        ratios.segmentation,
        ratios.feature,
        ratios.ratio_name,
        parts.segment_id,
        coalesce(parts.total, parts.mean * parts.value_count) / nullif(
            coalesce(wholes.total, wholes.mean * wholes.value_count), 0
        ) as ratio_of_sums
    from ratios
    inner join moments as parts
        on
            ratios.segmentation = parts.segmentation
            and ratios.part = parts.feature
    inner join moments as wholes
        on
            ratios.segmentation = wholes.segmentation
            and ratios.whole = wholes.feature
            and parts.segment_id is not distinct from wholes.segment_id

),

-- The rest is everybody less the segment: of exact sums, exactly.
sums as (

    select
        inside.*,
        segment_names.segment_name,
        divided.ratio_name,
        divided.ratio_of_sums,
        divided_overall.ratio_of_sums as population_ratio_of_sums,
        overall.mean as population_mean,
        overall.standard_deviation as population_deviation,
        overall.value_count as all_count,
        overall.scaled_sum as all_sum,
        overall.scaled_squares as all_squares,
        overall.value_count - inside.value_count as rest_count,
        overall.scaled_sum - coalesce(inside.scaled_sum, 0) as rest_sum,
        overall.scaled_squares - coalesce(inside.scaled_squares, 0)
            as rest_squares
    from moments as inside
    inner join serving_models
        on inside.segmentation = serving_models.segmentation
    inner join segment_names
        on
            serving_models.segmentation = segment_names.segmentation
            and serving_models.model_version = segment_names.model_version
            and inside.segment_id = segment_names.segment_id
    inner join overall
        on
            inside.segmentation = overall.segmentation
            and inside.feature = overall.feature
    left join divided
        on
            inside.segmentation = divided.segmentation
            and inside.feature = divided.feature
            and inside.segment_id = divided.segment_id
    left join divided as divided_overall
        on
            inside.segmentation = divided_overall.segmentation
            and inside.feature = divided_overall.feature
            and divided_overall.segment_id is null

),

-- Places in the range of the scale, from 0 to 1, and how they are spread. Of
-- fewer than five values too little is known to say how far off a mean may be.
spreads as (

    select
        *,
        case when rest_count > 0 then population_mean + coalesce(
            (population_mean - mean) * (value_count * 1.0e0 / rest_count), 0
        ) end as rest_mean,
        {% for of, count in [
            ('scaled', 'value_count'), ('rest', 'rest_count'),
            ('all', 'all_count'),
        ] %}
            cast({{ of }}_sum as double) / nullif({{ count }}, 0)
                as {{ of }}_place,
            greatest(
                cast({{ of }}_squares as double) / nullif({{ count }}, 0)
                - power({{ of }}_place, 2),
                0
            ) as {{ of }}_variance,
            cast(case when {{ count }} >= 5 then {{ count }} - 1 end as double)
                as {{ of }}_degrees{{ ',' if not loop.last }}
        {% endfor %}
    from sums

),

-- The error of a difference where the spreads are unequal (Welch 1947).
errors as (

    select
        *,
        scaled_variance / scaled_degrees as own_error,
        rest_variance / rest_degrees as rest_error,
        sqrt(nullif(all_variance, 0)) as scaled_deviation,
        {{ t | replace('d', 'scaled_degrees') }}
        * standard_deviation / sqrt(scaled_degrees) as mean_margin,
        coalesce(
            power(own_error + rest_error, 2) / nullif(
                power(own_error, 2) / scaled_degrees
                + power(rest_error, 2) / rest_degrees,
                0
            ),
            scaled_degrees
        ) as degrees,
        {{ t | replace('d', 'degrees') }} * sqrt(own_error + rest_error)
            as difference_margin
    from spreads

),

profiles as (

    select
        *,
        mean - mean_margin as mean_low,
        mean + mean_margin as mean_high,
        round((scaled_place - rest_place) / scaled_deviation, 6) as effect_size,
        round(
            (scaled_place - rest_place - difference_margin) / scaled_deviation,
            6
        ) as effect_low,
        round(
            (scaled_place - rest_place + difference_margin) / scaled_deviation,
            6
        ) as effect_high,
        case
            when abs(population_mean) >= 0.05 * population_deviation then round(
                (mean - population_mean) / nullif(abs(population_mean), 0), 6
            )
        end as relative_importance
    from errors

)

-- Rounded to 6 decimals, where that leaves something of a number.
select
    segmentation,
    segment_id,
    segment_name,
    feature,
    {%- for number in [
        'mean', 'mean_low', 'mean_high', 'median', 'rest_mean',
        'population_mean', 'ratio_of_sums', 'population_ratio_of_sums',
    ] %}
    case
        when abs({{ number }}) >= 1.0e-3 then round({{ number }}, 6)
        else {{ number }}
    end as {{ number }},
    {%- endfor %}
    ratio_name,
    value_count,
    cast(rest_count as bigint) as rest_count,
    relative_importance,
    case when is_logged then 'log1p' else 'none' end as effect_scale,
    effect_size,
    effect_low,
    effect_high
from profiles
