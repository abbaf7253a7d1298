-- noqa: disable=LT02
-- On every date built, the size of a segment is the number of customers whose
-- interval holds the date, counted anew.
with sizes as (

    select * from {{ ref('segment_sizes_over_time') }}

),

history as (

    select * from {{ ref('customer_segment_history') }}

),

dates as (

    select distinct as_of_date
    from sizes

),

counted as (

    select
        dates.as_of_date,
        history.segment_id,
        count(*) as customers
    from dates
    inner join history
        on dates.as_of_date >= history.valid_from
        and (
            history.valid_to is null or dates.as_of_date < history.valid_to
        )
    group by dates.as_of_date, history.segment_id

)

select
    coalesce(sizes.as_of_date, counted.as_of_date) as as_of_date,
    coalesce(sizes.segment_id, counted.segment_id) as segment_id,
    sizes.customers,
    counted.customers as customers_in_history
from sizes
full outer join counted
    on sizes.as_of_date = counted.as_of_date
    and sizes.segment_id = counted.segment_id
where sizes.customers is distinct from counted.customers
