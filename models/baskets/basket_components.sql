{{ config(enabled=segmentation.has_segmentation('customer')) }}

with fit_basket_components as (

    select * from {{ ref('fit_basket_components') }}

)

select
    model_version,
    component,
    component_name,
    cast(
        row_number() over (
            partition by model_version, component
            order by weight desc, category asc
        ) as bigint
    ) as rank,
    category,
    weight,
    customer_model_version,
    fitted_rows
from fit_basket_components
