-- Direction: Champions spend more and bought more recently than the Lost. Not
-- applicable, and so passed, where either cell is empty: where nearly everybody
-- ordered once there may be no Champion.
with

averages as (

    select
        rfm_cell,
        avg(cast(total_spend as double)) as average_spend,
        avg(cast(days_since_last_order as double)) as average_days
    from {{ ref('customer_rfm') }}
    where rfm_cell in ('Champions', 'Lost')
    group by rfm_cell

)

select
    champions.average_spend as champions_spend,
    lost.average_spend as lost_spend,
    champions.average_days as champions_days,
    lost.average_days as lost_days
from averages as champions
inner join averages as lost on lost.rfm_cell = 'Lost'
where
    champions.rfm_cell = 'Champions'
    and (
        champions.average_spend <= lost.average_spend
        or champions.average_days >= lost.average_days
    )
