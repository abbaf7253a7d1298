-- No other brand or category of a customer beats the favourite: more items, or
-- as many with more spend, or as many with equal spend and an earlier name.
-- Compares pair by pair, not by the window functions under test.
with

features as (

    select * from {{ ref('customer_features') }}

),

items as (

    select * from {{ ref('order_items_counted') }}

),

counted as (

    {% for value in ['brand', 'category'] %}
        select
            'most_frequent_{{ value }}' as column_name,
            customer_id,
            {{ value }} as candidate,
            sum(pieces) as items,
            sum(sale_price) as spend
        from items
        where {{ value }} is not null
        group by customer_id, {{ value }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

favourites as (

    {% for value in ['brand', 'category'] %}
        select
            'most_frequent_{{ value }}' as column_name,
            customer_id,
            most_frequent_{{ value }} as favourite
        from features
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

compared as (

    select
        counted.column_name,
        counted.customer_id,
        favourites.favourite,
        own.items,
        own.spend,
        counted.candidate,
        counted.items as candidate_items,
        counted.spend as candidate_spend
    from counted
    left join favourites
        on
            counted.column_name = favourites.column_name
            and counted.customer_id = favourites.customer_id
    left join counted as own
        on
            favourites.column_name = own.column_name
            and favourites.customer_id = own.customer_id
            and favourites.favourite = own.candidate

)

select *
from compared
where
    items is null
    or candidate_items > items
    or (candidate_items = items and candidate_spend > spend)
    or (
        candidate_items = items
        and candidate_spend = spend
        and candidate < favourite
    )
