{{ config(
    enabled=segmentation.has_shop(),
    materialized='table',
) }}

with orders as (

    select * from {{ ref('shop_orders') }}

),

bounds as (

    select
        cast(min(ordered_at) as date) as first_day,
        cast(max(ordered_at) as date) as last_day
    from orders

),

days as (

    select unnest(generate_series(first_day, last_day, interval 1 day)) as day
    from bounds

)

select cast(day as date) as date_day
from days
