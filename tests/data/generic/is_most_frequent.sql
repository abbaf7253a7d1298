{% test is_most_frequent(
    model, column_name, items, value, key='customer_id', spend='sale_price'
) %}

with

counted as (

    select
        {{ key }},
        {{ value }} as candidate,
        count(*) as items,
        sum({{ spend }}) as spend
    from {{ items }}
    where {{ value }} is not null
    group by {{ key }}, {{ value }}

),

chosen as (

    select
        counted.{{ key }},
        winners.{{ column_name }} as winner,
        own.items,
        own.spend,
        counted.candidate,
        counted.items as candidate_items,
        counted.spend as candidate_spend
    from counted
    left join {{ model }} as winners
        on counted.{{ key }} = winners.{{ key }}
    left join counted as own
        on
            winners.{{ key }} = own.{{ key }}
            and winners.{{ column_name }} = own.candidate

)

select *
from chosen
where
    items is null
    or candidate_items > items
    or (candidate_items = items and candidate_spend > spend)
    or (
        candidate_items = items
        and candidate_spend = spend
        and candidate < winner
    )

{% endtest %}
