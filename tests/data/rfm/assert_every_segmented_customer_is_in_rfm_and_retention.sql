-- Nothing is lost: the cross table and each window add up to the segments.
with

expected as (

    select
        segment_id,
        count(*) as customers
    from {{ ref('customer_segments') }}
    group by segment_id

),

found as (

    select
        'customer_rfm_by_segment' as table_name,
        segment_id,
        sum(customers) as customers
    from {{ ref('customer_rfm_by_segment') }}
    group by segment_id
    union all
    select
        concat('segment_retention, ', cast(window_days as string), ' days')
            as table_name,
        segment_id,
        sum(customers) as customers
    from {{ ref('segment_retention') }}
    group by segment_id, window_days

)

select
    found.table_name,
    expected.segment_id,
    expected.customers as expected_customers,
    found.customers
from expected
full outer join found on expected.segment_id = found.segment_id
where expected.customers is distinct from found.customers
