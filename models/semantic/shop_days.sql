{{ config(
    enabled=segmentation.has_shop(),
    materialized='table',
) }}

with recursive orders as (

    select * from {{ ref('shop_orders') }}

),

bounds as (

    select
        cast(min(ordered_at) as date) as first_day,
        cast(max(ordered_at) as date) as last_day
    from orders

),

days as (

    select first_day as date_day
    from bounds
    union all
    select
        cast({{ dbt.dateadd('day', 1, 'days.date_day') }} as date) as date_day
    from days
    cross join bounds
    where days.date_day < bounds.last_day

)

select date_day
from days
