-- noqa: disable=AM04
-- Its columns are those of customer_features_as_of.
{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
) }}

with customer_features as (
    select * from {{ ref('customer_features_as_of') }}
    where days_back > 0
)

select * from customer_features
