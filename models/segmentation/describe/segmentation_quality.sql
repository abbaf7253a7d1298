with candidates as (

    select * from {{ ref('k_candidates') }}

),

facts as (

    select * from {{ ref('fit_facts') }}

),

predictions as (

    select
        segmentation,
        model_version,
        sentence,
        shuffled_as_clear
    {% if segmentation.has_segmentation('customer') -%}
    from {{ ref('fit_predictive_value') }}
    {%- else -%}
    {#- Nobody's future is looked at. -#}
    from (
        select
            segmentation,
            model_version,
            verdict as sentence,
            rows_judged as shuffled_as_clear
        from facts
        where false
    ) as nobody
    {%- endif %}
    where sentence is not null

),

-- Groups that other customers make as well once the statuses of the orders are
-- shuffled are none.
judged as (

    select
        facts.*,
        predictions.sentence as prediction,
        predictions.shuffled_as_clear,
        coalesce(predictions.shuffled_as_clear > 0, false) as is_chance
    from facts
    left join predictions
        on
            facts.segmentation = predictions.segmentation
            and facts.model_version = predictions.model_version

),

stability as (

    select
        segmentation,
        model_version,
        min(jaccard) as smallest_stability,
        {{ segmentation.exact_mean('jaccard') }} as mean_stability
    from {{ ref('fit_stability') }}
    group by segmentation, model_version

),

numbered as (

    select
        segmentation,
        model_version,
        k,
        gap,
        gap_se,
        row_number() over (
            partition by segmentation, model_version order by k
        ) as place,
        min(k) over (partition by segmentation, model_version) as first_k
    from candidates
    where gap is not null

),

-- A k that was set may lie far beyond the range, where no rule compares it:
-- only the k that follow each other from the first one count.
compared as (

    select
        segmentation,
        model_version,
        k,
        gap,
        gap - gap_se as lower_bound,
        lead(gap) over (
            partition by segmentation, model_version order by k
        ) as next_gap,
        lead(gap - gap_se) over (
            partition by segmentation, model_version order by k
        ) as next_lower_bound
    from numbered
    where k - place = first_k - 1

),

-- The smallest k with gap(k) >= gap(k + 1) - se(k + 1), else the last one.
answers as (

    select
        segmentation,
        model_version,
        coalesce(min(case when gap >= next_lower_bound then k end), max(k))
            as gap_k,
        coalesce(min(case when gap >= next_gap then k end), max(k)) as peak_k,
        max(gap) as highest_gap
    from compared
    group by segmentation, model_version

),

-- The smallest k within one error of the first peak, and of the highest one.
gap_answers as (

    select
        answers.segmentation,
        answers.model_version,
        answers.gap_k,
        min(
            case when compared.gap >= first_peak.lower_bound then compared.k end
        ) as gap_first_peak_k,
        min(
            case when compared.gap >= highest.lower_bound then compared.k end
        ) as gap_highest_k
    from answers
    inner join compared
        on
            answers.segmentation = compared.segmentation
            and answers.model_version = compared.model_version
    inner join compared as first_peak
        on
            answers.segmentation = first_peak.segmentation
            and answers.model_version = first_peak.model_version
            and answers.peak_k = first_peak.k
    inner join compared as highest
        on
            answers.segmentation = highest.segmentation
            and answers.model_version = highest.model_version
            and answers.highest_gap = highest.gap
    group by answers.segmentation, answers.model_version, answers.gap_k

)

select
    candidates.segmentation,
    candidates.model_version,
    candidates.k,
    gap_answers.gap_k,
    gap_answers.gap_first_peak_k,
    gap_answers.gap_highest_k,
    candidates.is_grid,
    coalesce(facts.silhouette, candidates.silhouette) as silhouette,
    facts.explained_variance,
    coalesce(stability.smallest_stability, candidates.stability)
        as smallest_stability,
    stability.mean_stability,
    facts.null_silhouette,
    facts.null_silhouette_sd,
    facts.excess,
    facts.z,
    facts.valley_depth,
    facts.has_structure and not facts.is_chance as has_structure,
    case
        when facts.is_chance then 'slices of one cloud' else facts.grouping
    end as grouping,
    case when facts.is_chance then 1 else facts.group_count end as group_count,
    case when facts.is_chance then 0 else facts.clear_share end as clear_share,
    facts.shuffled_as_clear,
    case
        when facts.is_chance
            then
                'Slices of one cloud: chance makes groups as clear of other '
                || 'customers, in ' || facts.shuffled_as_clear || ' of 3 '
                || 'shuffles of the statuses between the orders.'
        else
            facts.verdict
            || case
                when facts.shuffled_as_clear = 0
                    then
                        ' No shuffle of the statuses between the orders makes '
                        || 'groups as clear of other customers.'
                else ''
            end
    end as verdict,
    facts.prediction,
    facts.rows_judged
from candidates
inner join judged as facts
    on
        candidates.segmentation = facts.segmentation
        and candidates.model_version = facts.model_version
left join stability
    on
        candidates.segmentation = stability.segmentation
        and candidates.model_version = stability.model_version
left join gap_answers
    on
        candidates.segmentation = gap_answers.segmentation
        and candidates.model_version = gap_answers.model_version
where candidates.is_selected
