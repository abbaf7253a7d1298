-- customer_baskets holds every customer of customer_features once, with a
-- basket if a typical basket holds a category the customer ordered.
with shares as (
    select distinct shares.customer_id
    from {{ ref('customer_basket_shares') }} as shares
    inner join {{ ref('basket_components') }} as components
        on shares.category = components.category
    inner join {{ ref('basket_plan') }} as plan
        on components.model_version = plan.model_version
    where components.weight > 0
)

select
    features.customer_id,
    baskets.customer_id as basket_customer_id,
    baskets.component
from {{ ref('customer_features') }} as features
full outer join {{ ref('customer_baskets') }} as baskets
    on features.customer_id = baskets.customer_id
left join shares on features.customer_id = shares.customer_id
where
    features.customer_id is null
    or baskets.customer_id is null
    or (shares.customer_id is not null and baskets.component is null)
