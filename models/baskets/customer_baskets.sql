{{ config(enabled=segmentation.has_segmentation('customer')) }}

with customer_features as (

    select * from {{ ref('customer_features') }}

),

weighed as (

    select * from {{ ref('apply_customer_baskets') }}

),

basket_components as (

    select * from {{ ref('basket_components') }}

),

basket_plan as (

    select * from {{ ref('basket_plan') }}

),

names as (

    select distinct
        components.component,
        components.component_name
    from basket_components as components
    inner join basket_plan
        on components.model_version = basket_plan.model_version

)

select
    customers.customer_id,
    names.component,
    names.component_name,
    weighed.weights[names.component] as weight,
    weighed.weights,
    basket_plan.model_version
from customer_features as customers
cross join basket_plan
left join weighed on customers.customer_id = weighed.customer_id
left join names on weighed.component = names.component
