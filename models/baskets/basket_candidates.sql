{{ config(enabled=segmentation.has_segmentation('customer')) }}

with fit_basket_count as (

    select * from {{ ref('fit_basket_count') }}

)

select
    model_version,
    components,
    reconstruction_error,
    error_drop,
    random_drop,
    random_drop_sd,
    is_selected,
    reason
from fit_basket_count
