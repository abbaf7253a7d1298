{{ config(enabled=segmentation.has_segmentation('customer')) }}

with fit_basket_pairs as (

    select * from {{ ref('fit_basket_pairs') }}

)

select
    model_version,
    category_a,
    category_b,
    customers,
    customers_a,
    customers_b,
    customers_both,
    expected,
    lift,
    lift_low,
    lift_high,
    p_value,
    q_value
from fit_basket_pairs
