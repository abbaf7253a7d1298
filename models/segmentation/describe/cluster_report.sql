{#- x·ln x of a count, 0 of none. -#}
{% set entropy = 'x * ln(greatest(x, 1.0e0))' %}
with counts as (

    select * from {{ ref('banded_values') }}

),

serving_models as (

    select * from {{ ref('serving_models') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

),

fitted_features as (

    select distinct
        scaling.segmentation,
        scaling.feature,
        true as is_fitted
    from {{ ref('scaling') }} as scaling
    inner join serving_models
        on
            scaling.segmentation = serving_models.segmentation
            and scaling.model_version = serving_models.model_version

),

-- Every unit has one value of every feature, so that any of them counts all.
compared as (

    select
        *,
        cast(units as double) as own,
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

),

values_by_feature as (

    select
        segmentation,
        feature,
        count(distinct value) as values_compared
    from counts
    group by segmentation, feature

),

shown as (

    select
        compared.*,
        values_by_feature.values_compared,
        segment_names.segment_name,
        coalesce(fitted_features.is_fitted, false) as is_fitted
    from compared
    inner join serving_models
        on compared.segmentation = serving_models.segmentation
    inner join segment_names
        on
            serving_models.segmentation = segment_names.segmentation
            and serving_models.model_version = segment_names.model_version
            and compared.segment_id = segment_names.segment_id
    inner join values_by_feature
        on
            compared.segmentation = values_by_feature.segmentation
            and compared.feature = values_by_feature.feature
    left join fitted_features
        on
            compared.segmentation = fitted_features.segmentation
            and compared.feature = fitted_features.feature
    where compared.value_rank <= 3 and compared.value is not null

),

-- The segment beside the rest, which is everybody else.
beside as (

    select
        *,
        own / segment_size as share,
        {{ segmentation.wilson_bound('own', 'segment_size', '-') }}
            as share_low,
        {{ segmentation.wilson_bound('own', 'segment_size', '+') }}
            as share_high,
        population_size - own as rest,
        total_size - segment_size as rest_size,
        rest / nullif(rest_size, 0) as rest_share,
        {{ segmentation.wilson_bound('rest', 'rest_size', '-') }} as rest_low,
        {{ segmentation.wilson_bound('rest', 'rest_size', '+') }} as rest_high
    from shown

),

-- A ratio of two shares from the Wilson intervals of both (MOVER, Donner & Zou
-- 2012), and the likelihood-ratio test that there is none (Wilks 1938).
tested as (

    select
        *,
        share / nullif(rest_share, 0) as rest_lift,
        share * rest_share as product,
        share_low * (2 * share - share_low) as own_from,
        share_high * (2 * share - share_high) as own_to,
        rest_low * (2 * rest_share - rest_low) as rest_from,
        rest_high * (2 * rest_share - rest_high) as rest_to,
        own_from / (
            product
            + sqrt(greatest(power(product, 2) - own_from * rest_to, 0))
        ) as low,
        (
            product
            + sqrt(greatest(power(product, 2) - own_to * rest_from, 0))
        ) / nullif(rest_from, 0) as high,
        greatest(
            0
            {%- for x in [
                'own', '(segment_size - own)', 'rest', '(rest_size - rest)',
                'total_size',
            ] %}
            + {{ entropy | replace('x', x) }}
            {%- endfor %}
            {%- for x in [
                'segment_size', 'rest_size', 'population_size',
                '(total_size - population_size)',
            ] %}
            - {{ entropy | replace('x', x) }}
            {%- endfor %},
            0
        ) as half_statistic
    from beside

),

-- The tail of the normal distribution beyond ±√statistic, to 1.2e-7 of it
-- (Press et al. 1992, erfcc). The three values shown are the most frequent of
-- many, so that each p-value counts for as many (Bonferroni).
judged as (

    select
        *,
        1 / (1 + sqrt(half_statistic) / 2) as t,
        least(1, values_compared * t * exp(
            -half_statistic - 1.26551223e0 + t * (1.00002368e0 + t * (
                0.37409196e0 + t * (0.09678418e0 + t * (-0.18628806e0 + t * (
                    0.27886807e0 + t * (-1.13520398e0 + t * (
                        1.48851587e0 + t * (-0.82215223e0 + t * 0.17087277e0)
                    ))
                )))
            ))
        )) as p_value
    from tested

),

-- False discoveries are at most 5 % of what is clear (Benjamini & Hochberg
-- 1995): among levels and numbers each, and apart from the features that the
-- segments are made of, which differ by construction.
ranked as (

    select
        *,
        p_value * count(*) over (
            partition by segmentation, is_fitted, is_number
        ) / count(*) over (
            partition by segmentation, is_fitted, is_number
            order by p_value
            range between unbounded preceding and current row
        ) as q
    from judged

),

corrected as (

    select
        *,
        least(1, min(q) over (
            partition by segmentation, is_fitted, is_number
            order by p_value desc
            range between unbounded preceding and current row
        )) as q_value
    from ranked

)

select
    segmentation,
    segment_id,
    segment_name,
    segment_size / total_size as segment_share,
    feature,
    cast(value_rank as bigint) as rank,
    value,
    cast(units as bigint) as units,
    share,
    share_low,
    share_high,
    population_size / total_size as population_share,
    rest_share,
    share / (population_size / total_size) as lift,
    rest_lift,
    least(rest_lift, low) as rest_lift_low,
    greatest(rest_lift, high) as rest_lift_high,
    q_value,
    q_value <= 0.05 and (low > 1 or coalesce(high < 1, false)) as is_clear
from corrected
