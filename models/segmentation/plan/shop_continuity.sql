{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
    post_hook=[
        "{{ segmentation.say('error') }}",
        "{{ segmentation.say('warning') }}",
    ],
) }}
{% set stop_shrunk = segmentation.setting('stop_shrunk') %}

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

published as (

    {{ segmentation.earlier(source('segmentation_state', 'published_volumes'), [
        ['segmentation', 'string'], ['measure', 'string'], ['amount', 'double'],
    ]) | indent(4) }}

),

customers as (

    select cast(customer_id as string) as customer_id
    from {{ ref('shop_customers') }}

),

orders as (

    select
        cast(customer_id as string) as customer_id,
        cast(first_order_at as date) as first_order_on
    from {{ ref('customer_features') }}

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

volume as (

    select
        (select count(*) from customers) as customers,
        (1 - {{ stop_shrunk }}) * max(published.amount) as fewest_customers
    from published
    where
        published.segmentation = 'customer'
        and published.measure = 'number of customers'

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

-- A truncated export lacks customers, which the volumes judge, or orders, which
-- moves first orders one way only, as an end of old orders does, or an import
-- of older ones. Neither makes as many strangers as there were customers.
judged as (

    select
        counted.stored_rows,
        counted.known_rows,
        compared.compared_rows,
        compared.same_day_rows,
        coalesce((
            compared.compared_rows >= 10
            and compared.same_day_rows < 0.2e0 * compared.compared_rows
            and compared.earlier_rows >= 0.2e0 * compared.compared_rows
            and compared.later_rows >= 0.2e0 * compared.compared_rows
        ) or (
            counted.stored_rows >= 10
            and counted.known_rows < 0.2e0 * counted.stored_rows
            and volume.customers >= volume.fewest_customers
        ), false) as looks_other,
        compared.compared_rows > 0
        and compared.same_day_rows >= 0.5e0 * compared.compared_rows
            as looks_same
    from counted
    cross join compared
    cross join volume

),

told as (

    select
        *,
        {{ segmentation.setting('new_shop') }} as is_told,
        concat(
            'of the ', cast(stored_rows as string), ' customers with a ',
            'segment in this warehouse ', cast(known_rows as string),
            ' are in them',
            case when compared_rows > 0 then concat(
                ', and of ', cast(compared_rows as string), ' compared ',
                cast(same_day_rows as string), ' ordered first on the same day'
            ) else '' end
        ) as evidence
    from judged

)

select
    stored_rows,
    known_rows,
    compared_rows,
    same_day_rows,
    not is_told or looks_same as is_same_shop,
    case
        when looks_other and not is_told
            then concat(
                'The data look like another shop''s: ', evidence, '. Give ',
                'each shop a SEGMENTATION_WAREHOUSE of its own; or forget the ',
                'first one''s models and history by building once with ',
                '--vars ''{new_shop: true}''.'
            )
    end as error,
    case
        when is_told and looks_same
            then concat(
                'The setting new_shop is true, but the shop is the one of ',
                'before: ', evidence, '. Nothing is forgotten; take the ',
                'setting out.'
            )
        when is_told and stored_rows > 0
            then concat(
                'The setting new_shop is true: ', evidence, '. Once its tests ',
                'have passed, the build forgets the first shop''s models and ',
                'history; copies stay in tables called …_forgotten_….'
            )
    end as warning
from told
