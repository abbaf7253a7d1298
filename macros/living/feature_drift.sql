{#-
    How far each feature of a model has moved from the rows it was fitted to,
    whose bins are in `baseline` (those of the active model): the population
    stability index Σ (q - p)·ln(q / p) over the bins stored at fit time, and
    the index that chance alone stays under in 95 of 100 cases,
    χ²(bins - 1)·(1/n + 1/m) (Yurdakul & Naranjo 2020), with χ² by Wilson and
    Hilferty's cube. A bin that is empty on one side counts as a share of
    0.0001, one that is empty on both not at all. The baseline says which
    features those are, whatever today's recipe names; the others are not read.
    Rows beside the bins name the levels that were pooled in "(other)"; where
    they are too many to be kept, no share of unseen levels is known.
-#}
{% macro feature_drift(entity, baseline=none) %}
{% set relation = ref(entity ~ '_features') %}
{% set features = segmentation.feature_columns(segmentation.named_entry(entity)) %}
with baseline as (

    select *
    from {{ baseline or ref('int_' ~ entity ~ '_active_baseline') }}
    where feature in ('{{ features | map(attribute='name') | join("', '") }}')

),

bins as (

    select * from baseline
    where share is not null

),

total as (

    select count(*) as current_rows
    from {{ relation }}
    where exists (select 1 from baseline)

),

numbers as (

    {{ segmentation.counted_values(relation, features, 'number', 'double') | indent(4) }}

),

levels as (

    {{ segmentation.counted_values(relation, features, 'category', 'string') | indent(4) }}

),

counted as (

    select
        baseline.feature,
        baseline.bin,
        sum(numbers.row_count) as current_count,
        sum(case
            when numbers.feature_value > baseline.greatest
                + 0.1 * (baseline.greatest - baseline.least)
                or numbers.feature_value < baseline.least
                - 0.1 * (baseline.greatest - baseline.least)
                then numbers.row_count
            else 0
        end) as odd_count
    from baseline
    inner join numbers
        on baseline.feature = numbers.feature
        and (
            (baseline.level is null and numbers.feature_value is not null
                and (baseline.lower_bound is null
                    or numbers.feature_value > baseline.lower_bound)
                and (baseline.upper_bound is null
                    or numbers.feature_value <= baseline.upper_bound))
            or (baseline.level = '(missing)' and numbers.feature_value is null)
        )
    group by baseline.feature, baseline.bin
    union all
    select
        levels.feature,
        coalesce(known.bin, pooled.bin) as bin,
        sum(levels.row_count) as current_count,
        sum(case when known.bin is null then levels.row_count else 0 end)
            as odd_count
    from levels
    left join baseline as known
        on levels.feature = known.feature
        and levels.feature_value = known.level
    left join baseline as pooled
        on levels.feature = pooled.feature and pooled.level = '(other)'
    group by levels.feature, coalesce(known.bin, pooled.bin)

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
    from baseline
    where kind = 'category'
    group by feature
    having
        max(case when level = '(other)' then share end) > 0
        and count(*) = count(share)

),

shares as (

    select
        bins.model_version,
        bins.feature,
        bins.kind,
        bins.is_trigger,
        bins.fitted_rows,
        total.current_rows,
        greatest(bins.share, 1.0e-4) as baseline_share,
        greatest(
            coalesce(cast(counted.current_count as double), 0)
            / nullif(total.current_rows, 0),
            1.0e-4
        ) as current_share
    from bins
    cross join total
    left join counted
        on bins.feature = counted.feature and bins.bin = counted.bin

),

indexes as (

    select
        model_version,
        feature,
        kind,
        is_trigger,
        current_rows,
        sum((current_share - baseline_share) * ln(current_share / baseline_share))
            as psi,
        greatest(
            count_if(baseline_share > 1.0e-4 or current_share > 1.0e-4) - 1, 1
        ) as degrees,
        1.0e0 / max(fitted_rows) + 1.0e0 / max(current_rows) as sampling
    from shares
    group by model_version, feature, kind, is_trigger, current_rows

)

select
    indexes.model_version,
    indexes.feature,
    indexes.kind,
    indexes.is_trigger,
    round(indexes.psi, 9) as psi,
    {{ segmentation.chance_psi('indexes.degrees', 'indexes.sampling') }} as chance_psi,
    case
        when untold.feature is null
            then cast(coalesce(odd.odd_count, 0) as double) / indexes.current_rows
    end as odd_share
from indexes
left join odd on indexes.feature = odd.feature
left join untold on indexes.feature = untold.feature
{% endmacro %}
