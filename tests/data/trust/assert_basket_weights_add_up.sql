-- The category weights of each typical basket are shares: they add up to 1.
select
    model_version,
    component,
    sum(weight) as total_weight
from {{ ref('basket_components') }}
group by model_version, component
having abs(sum(weight) - 1) > 1e-9
