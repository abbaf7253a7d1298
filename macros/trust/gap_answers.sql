{#-
    The gap statistic's number of segments, per version: the smallest k with
    gap(k) >= gap(k + 1) - se(k + 1), else the last k tried. A k that was set
    may lie far beyond the range, where no rule compares it, so only the k
    that follow each other from the first one count.
-#}
{% macro gap_answers(candidates) %}
select
    model_version,
    coalesce(min(case when gap >= next_lower_bound then k end), max(k))
        as gap_k
from (
    select
        model_version,
        k,
        gap,
        lead(gap - gap_se) over (partition by model_version order by k)
            as next_lower_bound
    from (
        select
            *,
            row_number() over (partition by model_version order by k)
                as place,
            min(k) over (partition by model_version) as first_k
        from {{ candidates }}
        where gap is not null
    ) as numbered
    where k - place = first_k - 1
) as compared
group by model_version
{% endmacro %}
