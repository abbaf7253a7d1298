-- Every combination of scores has a name, and every rule is the first one to
-- fit some combination: a rule that never names anybody is a mistake.
with

scores as (

    {% for score in range(1, 6) %}
        select {{ score }} as score
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

combinations as (

    select
        recency.score as recency_score,
        frequency.score as frequency_score,
        monetary.score as monetary_score
    from scores as recency
    cross join scores as frequency
    cross join scores as monetary

),

first_rules as (

    select
        combinations.recency_score,
        combinations.frequency_score,
        combinations.monetary_score,
        min(rfm_cells.rule_order) as rule_order
    from combinations
    left join {{ ref('rfm_cells') }} as rfm_cells
        on
            combinations.recency_score >= rfm_cells.recency_min
            and combinations.recency_score <= rfm_cells.recency_max
            and combinations.frequency_score >= rfm_cells.frequency_min
            and combinations.frequency_score <= rfm_cells.frequency_max
            and combinations.monetary_score >= rfm_cells.monetary_min
            and combinations.monetary_score <= rfm_cells.monetary_max
    group by
        combinations.recency_score,
        combinations.frequency_score,
        combinations.monetary_score

)

select
    'no rule fits' as problem,
    cast(recency_score as string) as recency_score,
    frequency_score,
    monetary_score,
    rule_order
from first_rules
where rule_order is null
union all
select
    'names nobody' as problem,
    rfm_cells.rfm_cell as recency_score,
    null as frequency_score,
    null as monetary_score,
    rfm_cells.rule_order
from {{ ref('rfm_cells') }} as rfm_cells
left join first_rules on rfm_cells.rule_order = first_rules.rule_order
where first_rules.rule_order is null
