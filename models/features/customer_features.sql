{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
) }}

with customer_features as (
    select * from {{ ref('customer_features_as_of') }}
    where days_back = 0
)

select
    {%- for column in model.columns %}
    {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from customer_features
