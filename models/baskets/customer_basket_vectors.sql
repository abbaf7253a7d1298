-- A table, so that weighing streams it in constant memory.
{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
) }}
with shares as (

    select * from {{ ref('customer_basket_shares') }}

),

basket_components as (

    select * from {{ ref('basket_components') }}

),

basket_plan as (

    select * from {{ ref('basket_plan') }}

),

categories as (

    select
        components.category,
        row_number() over (order by components.category) as place
    from basket_components as components
    inner join basket_plan
        on components.model_version = basket_plan.model_version
    where components.component = 1

),

-- A category that was not fitted counts as "(other)" where the fit has that,
-- else it is left out: no typical basket accounts for it.
placed as (

    select
        shares.customer_id,
        coalesce(known.place, pooled.place) as place,
        shares.share
    from shares
    left join categories as known on shares.category = known.category
    left join categories as pooled on pooled.category = '(other)'
    where coalesce(known.place, pooled.place) is not null

),

summed as (

    select
        customer_id,
        place,
        cast(sum(cast(share as decimal(18, 15))) as double) as share
    from placed
    group by customer_id, place

)

select
    customer_id,
    {{ vector_collect('place', order_by='place') }} as places,
    {{ vector_collect('share', order_by='place') }} as shares
from summed
group by customer_id
