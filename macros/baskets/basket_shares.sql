{#-
    What share of a row's items, or of its spend, falls to each category: one
    row per key and category above zero. Items without a category do not count;
    nor do keys without any other.
-#}
{% macro basket_shares(items, key, category='category', spend='sale_price') %}
{% set measure = segmentation.basket_settings()['measure'] %}
with items as (

    select * from {{ items }}

),

amounts as (

    select
        {{ key }},
        {{ category }} as category,
        {{ 'count(*)' if measure == 'items' else 'sum(' ~ spend ~ ')' }} as amount
    from items
    where {{ category }} is not null
    group by {{ key }}, {{ category }}

)

select
    {{ key }},
    category,
    cast(amount as double)
        / cast(sum(amount) over (partition by {{ key }}) as double) as share
from amounts
where amount > 0
{% endmacro %}
