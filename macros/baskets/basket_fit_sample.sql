{#-
    What a basket fit looks at: the shares of a bounded sample of keys, by the
    hash of the key; none in a build that fits no baskets. Categories past the
    most widespread `max_categories` are pooled as "(other)".
-#}
{% macro basket_fit_sample(shares, plan, key) %}
{% set settings = segmentation.basket_settings() %}
with shares as (

    select * from {{ shares }}

),

plan as (

    select * from {{ plan }}
    where is_fit

),

kept_keys as (

    select
        {{ key }},
        row_number() over (
            order by md5(cast({{ key }} as string)), {{ key }}
        ) as sample_rank
    from shares
    group by {{ key }}
    qualify sample_rank <= {{ settings['max_fit_rows'] }}

),

categories as (

    select
        category,
        row_number() over (order by count(*) desc, category) as category_rank,
        count(*) over () as category_count
    from shares
    group by category

),

pooled as (

    select
        category,
        case
            when category_count <= {{ settings['max_categories'] }}
                or category_rank < {{ settings['max_categories'] }}
                then category
            else '(other)'
        end as basket_category
    from categories

)

select
    cast(kept_keys.sample_rank as bigint) as sample_rank,
    pooled.basket_category as category,
    shares.share
from shares
inner join kept_keys on shares.{{ key }} = kept_keys.{{ key }}
inner join pooled on shares.category = pooled.category
inner join plan on 1 = 1
{% endmacro %}
