{#-
    Is the shop in the source the one that this warehouse has segmented so far?
    One row. It is another one if fewer than a fifth of the customers who have a
    segment are among its users. Where keys overlap, the days of first orders
    tell: in another shop fewer than a fifth of them are the same, and both many
    are earlier and many later. A correction moves few of them; an import of
    older orders moves them one way, and an end of old ones the other.
-#}
{% macro shop_continuity(changes, population, first_orders, orders, key) %}
with changes as (

    {{ segmentation.earlier(changes, [
        [key, 'bigint'], ['as_of_date', 'date'], ['segment_id', 'bigint'],
    ]) | indent(4) }}

),

population as (

    select * from {{ population }}

),

latest as (

    select
        {{ key }},
        segment_id
    from changes
    qualify row_number() over (
        partition by {{ key }} order by as_of_date desc
    ) = 1

),

counted as (

    select
        count(*) as stored_rows,
        count(population.{{ key }}) as known_rows
    from latest
    left join population on latest.{{ key }} = population.{{ key }}
    where latest.segment_id is not null

),

first_orders as (

    {{ segmentation.earlier(first_orders, [
        [key, 'bigint'], ['first_order_on', 'date'],
    ]) | indent(4) }}

),

orders as (

    select
        {{ key }},
        cast(first_order_at as date) as first_order_on
    from {{ orders }}

),

compared as (

    select
        count(*) as compared_rows,
        coalesce(
            count_if(orders.first_order_on = first_orders.first_order_on), 0
        ) as same_day_rows,
        count_if(orders.first_order_on < first_orders.first_order_on)
            as earlier_rows,
        count_if(orders.first_order_on > first_orders.first_order_on)
            as later_rows
    from first_orders
    inner join orders on first_orders.{{ key }} = orders.{{ key }}

)

select
    counted.stored_rows,
    counted.known_rows,
    compared.compared_rows,
    compared.same_day_rows,
    counted.known_rows >= 0.2e0 * counted.stored_rows
    and not (
        compared.compared_rows >= 10
        and compared.same_day_rows < 0.2e0 * compared.compared_rows
        and compared.earlier_rows >= 0.2e0 * compared.compared_rows
        and compared.later_rows >= 0.2e0 * compared.compared_rows
    ) as is_same_shop
from counted
cross join compared
{% endmacro %}


{#-
    The day of the first order of up to a thousand customers, those whose keys'
    hashes come first: what the next build knows this shop by.
-#}
{% macro shop_first_orders(features, key) %}
select
    {{ key }},
    cast(first_order_at as date) as first_order_on
from {{ features }}
qualify row_number() over (
    order by md5(cast({{ key }} as string)), {{ key }}
) <= 1000
{% endmacro %}


{#- Post-hook of the continuity model: says so when the build starts anew. -#}
{% macro say_other_shop() %}
{% if execute %}
    {% set found = run_query(
        "select stored_rows, known_rows, compared_rows, same_day_rows from "
        ~ this ~ " where not is_same_shop"
    ).rows %}
    {% if found %}
        {% do exceptions.warn(
            "This warehouse held another shop: of its " ~ found[0][0]
            ~ " customers with a segment " ~ found[0][1] ~ " are in this data"
            ~ (", and of " ~ found[0][2] ~ " compared " ~ found[0][3]
                ~ " ordered first on the same day" if found[0][2] else "")
            ~ ". The "
            ~ "build starts anew, and forgets that shop's models and history once "
            ~ "its tests have passed. To keep both, give each shop a "
            ~ "SEGMENTATION_WAREHOUSE of its own."
        ) %}
    {% endif %}
{% endif %}
{% endmacro %}


{#- Pre-hook of a log: what is about another shop goes, after the audits. -#}
{% macro forget_other_shop(continuity) %}
{% if is_incremental() %}
delete from {{ this }}
where exists (select 1 from {{ continuity }} where not is_same_shop)
{% endif %}
{% endmacro %}
