-- Each typical basket is a mix: the weights of its categories are shares.
select
    model_version,
    component,
    sum(weight) as total_weight
from {{ ref('basket_components') }}
group by model_version, component
having abs(sum(weight) - 1) > 1e-9
