-- On every date built, the flows out of a segment, stayers included, add up to
-- its size on the date before, and the flows into it to its size.
with sizes as (

    select
        as_of_date,
        segment_id,
        customers
    from {{ ref('segment_sizes_over_time') }}

),

migrations as (

    select * from {{ ref('customer_segment_migrations') }}

),

dates as (

    select
        as_of_date,
        lag(as_of_date) over (order by as_of_date) as date_before
    from (select distinct as_of_date from sizes) as built

),

expected as (

    select
        dates.as_of_date,
        sizes.segment_id,
        'before' as side,
        sizes.customers
    from dates
    inner join sizes on dates.date_before = sizes.as_of_date
    union all
    select
        as_of_date,
        segment_id,
        'after' as side,
        customers
    from sizes

),

flows as (

    select
        as_of_date,
        from_segment_id as segment_id,
        'before' as side,
        sum(customers) as customers
    from migrations
    where from_segment_id is not null
    group by as_of_date, from_segment_id
    union all
    select
        as_of_date,
        to_segment_id as segment_id,
        'after' as side,
        sum(customers) as customers
    from migrations
    where to_segment_id is not null
    group by as_of_date, to_segment_id

)

select
    coalesce(expected.as_of_date, flows.as_of_date) as as_of_date,
    coalesce(expected.segment_id, flows.segment_id) as segment_id,
    coalesce(expected.side, flows.side) as side,
    expected.customers as customers_expected,
    flows.customers as customers_in_flows
from expected
full outer join flows
    on
        expected.as_of_date = flows.as_of_date
        and expected.segment_id = flows.segment_id
        and expected.side = flows.side
where expected.customers is distinct from flows.customers
