{% set is_on = segmentation.has_segmentation('customer') %}
{{ config(
    enabled=segmentation.has_shop(),
    post_hook="{{ segmentation.say('error') }}" if is_on else [],
) }}
{% set as_of = segmentation.setting('as_of') %}
{% set horizon = segmentation.setting('horizon_days') %}
{% set past_date = 'cast('
    ~ dbt.dateadd('day', -horizon, 'as_of_date') ~ ' as date)' %}

with orders as (
    select * from {{ ref('shop_orders') }}
),

order_items as (
    select * from {{ ref('shop_order_items') }}
),

days as (
    select
        min(cast(ordered_at as date)) as first_day,
        coalesce(
            cast({{ "'" ~ as_of ~ "'" if as_of else 'null' }} as date),
            (select newest.newest_day from {{ ref('newest_day') }} as newest)
        ) as as_of_date,
        case
            when count(*) = 0 then 'shop_orders'
            when not exists (select 1 from order_items) then 'shop_order_items'
        end as empty_table
    from orders
)

select
    as_of_date,
    case
        when
            {{ (is_on and segmentation.setting('extras')) | lower }}
            and {{ days_between('first_day', 'as_of_date') }} + 1
            >= {{ 2 * horizon }}
            then {{ past_date }}
    end as past_date,
    case
        when empty_table is not null
            then concat(
                'No customer can be segmented: ', empty_table, ' has no rows,',
                ' so nobody bought anything; see the table data_quality for',
                ' the rows that were dropped, and why.'
            )
        when first_day > as_of_date
            then concat(
                'No customer can be segmented: the setting as_of is ''',
                cast(as_of_date as string), ''' and every order in',
                ' shop_orders is younger; set a later day, or leave it out to',
                ' count up to the newest order.'
            )
    end as error
from days
