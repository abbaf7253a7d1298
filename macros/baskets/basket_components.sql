{#- What each typical basket is made of, the heaviest category first. -#}
{% macro basket_components(fitted) %}
with fitted as (

    select * from {{ fitted }}

)

select
    model_version,
    component,
    component_name,
    cast(
        row_number() over (
            partition by model_version, component
            order by weight desc, category
        ) as bigint
    ) as rank,
    category,
    weight,
    customer_model_version,
    fitted_rows
from fitted
{% endmacro %}
