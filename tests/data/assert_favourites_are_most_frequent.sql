-- The favourite brand and category of every customer are those of the most
-- items; of several, of the most spend; of several still, the first by name.
-- Found step by step, not by the window functions under test, for at most a
-- million customers.
{% set values = ['brand', 'category'] %}

with

drawn as (

    select customer_id
    from {{ ref('customer_features') }}
    order by md5(cast(customer_id as string)), customer_id
    limit 1000000

),

{% for value in values %}
{{ value }}_counted as (

    select
        order_items.customer_id,
        order_items.{{ value }} as candidate,
        sum(order_items.pieces) as items,
        sum(order_items.sale_price) as spend
    from {{ ref('order_items_counted') }} as order_items
    inner join drawn on order_items.customer_id = drawn.customer_id
    where order_items.{{ value }} is not null
    group by order_items.customer_id, order_items.{{ value }}

),

{{ value }}_of_most_items as (

    select
        customer_id,
        max(items) as items
    from {{ value }}_counted
    group by customer_id

),

{{ value }}_of_most_spend as (

    select
        counted.customer_id,
        counted.items,
        max(counted.spend) as spend
    from {{ value }}_counted as counted
    inner join {{ value }}_of_most_items as most
        on
            counted.customer_id = most.customer_id
            and counted.items = most.items
    group by counted.customer_id, counted.items

),

{{ value }}_first_by_name as (

    select
        counted.customer_id,
        min(counted.candidate) as favourite
    from {{ value }}_counted as counted
    inner join {{ value }}_of_most_spend as most
        on
            counted.customer_id = most.customer_id
            and counted.items = most.items
            and counted.spend = most.spend
    group by counted.customer_id

){{ ',' if not loop.last }}
{% endfor %}

{% for value in values %}
select
    'most_frequent_{{ value }}' as column_name,
    expected.customer_id,
    expected.favourite as expected_favourite,
    features.most_frequent_{{ value }} as found_favourite
from {{ value }}_first_by_name as expected
left join {{ ref('customer_features') }} as features
    on expected.customer_id = features.customer_id
where expected.favourite is distinct from features.most_frequent_{{ value }}
{{ 'union all' if not loop.last }}
{% endfor %}
