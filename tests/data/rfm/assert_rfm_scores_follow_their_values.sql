-- Scores keep the order of the values: no two equal values differ in score, and
-- no higher score has a worse value. The fewer days, the better.
with

rfm as (

    select * from {{ ref('customer_rfm') }}

),

scored as (

    select
        'recency_score' as column_name,
        recency_score as score,
        -days_since_last_order as value
    from rfm
    union all
    select
        'frequency_score' as column_name,
        frequency_score as score,
        orders as value
    from rfm
    union all
    select
        'monetary_score' as column_name,
        monetary_score as score,
        total_spend as value
    from rfm

),

ranges as (

    select
        column_name,
        score,
        min(value) as least,
        max(value) as most
    from scored
    group by column_name, score

)

select
    lower_scores.column_name,
    lower_scores.score as lower_score,
    lower_scores.most,
    higher_scores.score as higher_score,
    higher_scores.least
from ranges as lower_scores
inner join ranges as higher_scores
    on
        lower_scores.column_name = higher_scores.column_name
        and lower_scores.score < higher_scores.score
where higher_scores.least <= lower_scores.most
