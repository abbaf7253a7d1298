{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
    post_hook="{{ segmentation.say('warning') }}",
) }}

with changes as (

    {{ segmentation.earlier(source('segmentation_state', 'segment_changes'), [
        ['segmentation', 'string'], ['unit_id', 'string'],
        ['as_of_date', 'date'], ['segment_id', 'bigint'],
    ]) | indent(4) }}

),

first_orders as (

    {{ segmentation.earlier(source('segmentation_state', 'shop_first_orders'), [
        ['customer_id', 'string'], ['first_order_on', 'date'],
    ], of='customer') | indent(4) }}

),

customers as (

    select cast(customer_id as string) as customer_id
    from {{ ref('shop_customers') }}

),

orders as (

    select
        cast(customer_id as string) as customer_id,
        cast(first_order_at as date) as first_order_on
    from {{ ref('customer_sums') }}

),

latest as (

    select
        unit_id as customer_id,
        segment_id
    from changes
    where segmentation = 'customer' and unit_id is not null
    qualify row_number() over (
        partition by unit_id order by as_of_date desc
    ) = 1

),

counted as (

    select
        count(*) as stored_rows,
        count(customers.customer_id) as known_rows
    from latest
    left join customers on latest.customer_id = customers.customer_id
    where latest.segment_id is not null

),

compared as (

    select
        count(*) as compared_rows,
        coalesce(
            count_if(orders.first_order_on = first_orders.first_order_on), 0
        ) as same_day_rows,
        count_if(orders.first_order_on < first_orders.first_order_on)
            as earlier_rows,
        count_if(orders.first_order_on > first_orders.first_order_on)
            as later_rows
    from first_orders
    inner join orders on first_orders.customer_id = orders.customer_id

),

-- Where keys overlap, the days of first orders tell: in another shop few of
-- them are the same, and both many are earlier and many later. A correction
-- moves few, an import of older orders moves them one way, and an end of old
-- ones the other.
judged as (

    select
        counted.stored_rows,
        counted.known_rows,
        compared.compared_rows,
        compared.same_day_rows,
        counted.known_rows >= 0.2e0 * counted.stored_rows
        and not (
            compared.compared_rows >= 10
            and compared.same_day_rows < 0.2e0 * compared.compared_rows
            and compared.earlier_rows >= 0.2e0 * compared.compared_rows
            and compared.later_rows >= 0.2e0 * compared.compared_rows
        ) as is_same_shop
    from counted
    cross join compared

)

select
    *,
    case when not is_same_shop then concat(
        'This warehouse held another shop: of its ',
        cast(stored_rows as string), ' customers with a segment ',
        cast(known_rows as string), ' are in this data',
        case when compared_rows > 0 then concat(
            ', and of ', cast(compared_rows as string), ' compared ',
            cast(same_day_rows as string), ' ordered first on the same day'
        ) else '' end,
        '. The build starts anew, and forgets that shop''s models and ',
        'history once its tests have passed. To keep both, give each shop a ',
        'SEGMENTATION_WAREHOUSE of its own.'
    ) end as warning
from judged
