{#-
    Every row's shares as two lists, places among the fitted categories (from 1,
    by name) and values, ready to be weighed. A category that was not fitted
    counts as "(other)" where the fit has that, else it is left out: no typical
    basket accounts for it.
-#}
{% macro basket_vectors(shares, components, plan, key) %}
with shares as (

    select * from {{ shares }}

),

plan as (

    select * from {{ plan }}

),

categories as (

    select
        components.category,
        row_number() over (order by components.category) as place
    from {{ components }} as components
    inner join plan on components.model_version = plan.model_version
    where components.component = 1

),

placed as (

    select
        shares.{{ key }},
        coalesce(known.place, pooled.place) as place,
        shares.share
    from shares
    left join categories as known on shares.category = known.category
    left join categories as pooled on pooled.category = '(other)'
    where coalesce(known.place, pooled.place) is not null

),

summed as (

    select
        {{ key }},
        place,
        cast(sum(cast(share as decimal(18, 15))) as double) as share
    from placed
    group by {{ key }}, place

)

select
    {{ key }},
    {{ segmentation.vector_collect('place', order_by='place') }} as places,
    {{ segmentation.vector_collect('share', order_by='place') }} as shares
from summed
group by {{ key }}
{% endmacro %}
