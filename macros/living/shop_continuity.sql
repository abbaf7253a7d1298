{#-
    Is the shop in the source the one that this warehouse has segmented so far?
    One row. It is another one if fewer than a fifth of the customers who have a
    segment are among its users: keys of two shops overlap, the people do not.
-#}
{% macro shop_continuity(changes, population, key) %}
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

)

select
    stored_rows,
    known_rows,
    known_rows >= 0.2e0 * stored_rows as is_same_shop
from counted
{% endmacro %}


{#- Post-hook of the continuity model: says so when the build starts anew. -#}
{% macro say_other_shop() %}
{% if execute %}
    {% set found = run_query(
        "select stored_rows, known_rows from " ~ this ~ " where not is_same_shop"
    ).rows %}
    {% if found %}
        {% do exceptions.warn(
            "This warehouse held another shop: of its " ~ found[0][0]
            ~ " customers with a segment " ~ found[0][1] ~ " are in this data. The "
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
