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

-- A category that was not fitted is left out: no typical basket accounts for
-- it.
placed as (

    select
        shares.customer_id,
        categories.place,
        shares.share
    from shares
    inner join categories on shares.category = categories.category

)

select
    customer_id,
    list(place order by place) as places,
    list(share order by place) as shares
from placed
group by customer_id
