{#-
    How far each feature of one segmentation has moved from the rows a model was
    fitted to: the population stability index Σ (q - p)·ln(q / p) over the
    bins in the CTE `baseline`, and the index that chance alone stays under in
    95 of 100 cases, χ²(bins - 1)·(1/n + 1/m) (Yurdakul & Naranjo 2020), with
    χ² by Wilson and Hilferty's cube. A bin that is empty on one side counts as
    a share of 0.0001, one that is empty on both not at all. The baseline says
    which features those are, whatever today's recipe names; the others are not
    read. Rows beside the bins name the levels that were pooled in "(other)";
    where they are too many to be kept, no share of unseen levels is known.

    `s` is an entry of segmentations(); `baseline` the name of a CTE with the
    bins of one model version of it.
-#}
{% macro drift_of(s, baseline) %}
{% set features = segmentation.feature_columns(s) %}
with fitted_bins as (

    select * from {{ baseline }}
    where
        segmentation = '{{ s.name }}'
        and feature in (
            '{{ features | map(attribute='name') | join("', '") }}'
        )

),

fitted_features as (

    select distinct
        feature,
        kind
    from fitted_bins

),

{# What becomes of rows that share a key is found out once. -#}
{% if s.duplicates -%}
all_units as (

    select * from {{ segmentation.unit_rows(s) }} as units

),

{% endif -%}
total as (

    select count(*) as current_rows
    from {{ 'all_units' if s.duplicates
        else segmentation.unit_rows(s, features[:1]) }} as units
    where exists (select 1 from fitted_bins)

),

{#- Every different value of the fitted features, counted. Each part reads the
    table by itself: a shared CTE would keep all columns in memory. #}
current_values as (

    {% for part in segmentation.feature_parts(features) -%}
    {%- set numbers, levels = [], [] %}
    {%- for feature in part %}
        {%- do (numbers if feature.kind == 'number' else levels).append(
            ["'" ~ feature.name ~ "'", 'units.' ~ feature.name]
        ) %}
    {%- endfor %}
    select
        feature,
        kind,
        number,
        level,
        count(*) as row_count
    from (
        select
            fitted_features.feature,
            fitted_features.kind,
            {{ segmentation.value_of(
                'fitted_features.feature', numbers, 'double'
            ) | indent(12) }} as number,
            {{ segmentation.value_of(
                'fitted_features.feature', levels, 'string'
            ) | indent(12) }} as level
        from {{ 'all_units' if s.duplicates
            else segmentation.unit_rows(s, part) }} as units
        cross join fitted_features
        where fitted_features.feature in (
            '{{ part | map(attribute='name') | join("', '") }}'
        )
    ) as part_values
    group by feature, kind, number, level
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        *,
        0.0e0 as number,
        '' as level,
        0 as row_count
    from fitted_features
    {% endfor %}

),

counted as (

    select
        fitted_bins.feature,
        fitted_bins.bin,
        sum(current_values.row_count) as current_count,
        sum(case
            when current_values.number > fitted_bins.greatest
                + 0.1 * (fitted_bins.greatest - fitted_bins.least)
                or current_values.number < fitted_bins.least
                - 0.1 * (fitted_bins.greatest - fitted_bins.least)
                then current_values.row_count
            else 0
        end) as odd_count
    from fitted_bins
    inner join current_values
        on fitted_bins.feature = current_values.feature
        and (
            (fitted_bins.level is null and current_values.number is not null
                and (fitted_bins.lower_bound is null
                    or fitted_bins.lower_bound < current_values.number)
                and (fitted_bins.upper_bound is null
                    or fitted_bins.upper_bound >= current_values.number))
            or (fitted_bins.level = '(missing)'
                and current_values.number is null)
        )
    where current_values.kind = 'number'
    group by fitted_bins.feature, fitted_bins.bin
    union all
    select
        current_values.feature,
        coalesce(known.bin, pooled.bin) as bin,
        sum(current_values.row_count) as current_count,
        sum(case
            when known.bin is null then current_values.row_count else 0
        end) as odd_count
    from current_values
    left join fitted_bins as known
        on current_values.feature = known.feature
        and current_values.level = known.level
    left join fitted_bins as pooled
        on current_values.feature = pooled.feature and pooled.level = '(other)'
    where current_values.kind = 'category'
    group by current_values.feature, coalesce(known.bin, pooled.bin)

),

odd as (

    select
        feature,
        sum(odd_count) as odd_count
    from counted
    group by feature

),

untold as (

    select feature
    from fitted_bins
    where kind = 'category'
    group by feature
    having
        max(case when level = '(other)' then share end) > 0
        and count(*) = count(share)

),

shares as (

    select
        fitted_bins.model_version,
        fitted_bins.feature,
        fitted_bins.kind,
        fitted_bins.is_trigger,
        fitted_bins.fitted_rows,
        total.current_rows,
        greatest(fitted_bins.share, 1.0e-4) as baseline_share,
        greatest(
            coalesce(cast(counted.current_count as double), 0)
            / nullif(total.current_rows, 0),
            1.0e-4
        ) as current_share
    from fitted_bins
    cross join total
    left join counted
        on
            fitted_bins.feature = counted.feature
            and fitted_bins.bin = counted.bin
    where fitted_bins.share is not null

),

indexes as (

    select
        model_version,
        feature,
        kind,
        is_trigger,
        current_rows,
        sum(
            (current_share - baseline_share)
            * ln(current_share / baseline_share)
        ) as psi,
        greatest(
            count_if(baseline_share > 1.0e-4 or current_share > 1.0e-4) - 1, 1
        ) as degrees,
        1.0e0 / max(fitted_rows) + 1.0e0 / max(current_rows) as sampling
    from shares
    group by model_version, feature, kind, is_trigger, current_rows

)

select
    '{{ s.name }}' as segmentation,
    indexes.model_version,
    indexes.feature,
    indexes.kind,
    indexes.is_trigger,
    round(indexes.psi, 9) as psi,
    {{ segmentation.chance_psi('indexes.degrees', 'indexes.sampling') }}
        as chance_psi,
    case
        when untold.feature is null
            then cast(coalesce(odd.odd_count, 0) as double)
            / indexes.current_rows
    end as odd_share
from indexes
left join odd on indexes.feature = odd.feature
left join untold on indexes.feature = untold.feature
{% endmacro %}
