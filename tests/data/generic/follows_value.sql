{% test follows_value(model, column_name, value, higher_is) %}
{#- Scores keep the order of the values: no two equal values differ in score,
    and no higher score has a worse value. -#}
with ranges as (

    select
        {{ column_name }} as score,
        min({{ value }}) as least,
        max({{ value }}) as most
    from {{ model }}
    group by {{ column_name }}

)

select
    lower_scores.score as lower_score,
    higher_scores.score as higher_score,
    lower_scores.least,
    lower_scores.most,
    higher_scores.least as higher_least,
    higher_scores.most as higher_most
from ranges as lower_scores
inner join ranges as higher_scores
    on lower_scores.score < higher_scores.score
where
    {% if higher_is == 'lower' -%}
    higher_scores.most >= lower_scores.least
    {%- else -%}
    higher_scores.least <= lower_scores.most
    {%- endif %}

{% endtest %}
