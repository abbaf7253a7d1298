-- noqa: disable=ST03
{{ config(materialized='table') }}
{% set is_typed = segmentation.is_typed('orders') %}

-- Read by the macros to_money and to_utc_timestamp.
with formats as (
    select
        column_name,
        value_format
    from {{ ref('thelook_columns_given') }}
    where table_name = 'orders'
),

read_orders as {% if is_typed %}not materialized {% endif %}(
    select
        {{ to_integer('order_id') }} as order_number,
        nullif({{ to_integer('user_id') }}, 0) as user_id,
        {{ clean_text('status') }} as status,
        {{ to_utc_timestamp('created_at') }} as created_at,
        {{ clean_text('currency') }} as currency
    from {{ ref('raw_orders') }}
),

-- Numbers that start again, by store or by year.
reused_numbers as (
    select order_number
    from read_orders
    where order_number is not null
    group by order_number
    having min(user_id) < max(user_id)
),

items_that_tell as (
    select count(*) as items
    from {{ ref('raw_order_items') }} as items
    inner join reused_numbers
        on {{ to_integer('items.order_id') }} = reused_numbers.order_number
    where {{ to_integer('items.user_id') }} is not null
),

reused_by as (
    select
        read_orders.order_number,
        read_orders.user_id,
        min(read_orders.created_at) as first_created_at
    from read_orders
    inner join reused_numbers
        on read_orders.order_number = reused_numbers.order_number
    cross join items_that_tell
    where items_that_tell.items > 0 and read_orders.user_id is not null
    group by read_orders.order_number, read_orders.user_id
),

placed as (
    select
        *,
        row_number() over (
            partition by order_number order by first_created_at, user_id
        ) as place,
        row_number() over (order by order_number, user_id) as number_below
    from reused_by
),

bounds as (
    select least(min(order_number), 0) as lowest from read_orders
),

-- Where items say whose they are, a number is one order of each user. The
-- first keeps it, the others take numbers below all that are given.
told_apart as (
    select
        placed.order_number,
        placed.user_id,
        case
            when placed.place = 1 then placed.order_number
            else bounds.lowest - placed.number_below
        end as order_id
    from placed
    cross join bounds
),

orders as {% if is_typed %}not materialized {% endif %}(
    select
        coalesce(told_apart.order_id, read_orders.order_number) as order_id,
        read_orders.user_id,
        read_orders.status,
        read_orders.created_at,
        read_orders.currency,
        read_orders.order_number,
        told_apart.order_id is not null as is_number_reused
    from read_orders
    left join told_apart
        on
            read_orders.order_number = told_apart.order_number
            and read_orders.user_id = told_apart.user_id
),

kept_users as (
    select user_id as kept_user_id
    from {{ ref('thelook_users_checked') }}
    where fate = 'kept'
),

{{ rank_repeated_rows(
    'orders',
    key='order_id',
    columns=[
        'order_id', 'user_id', 'status', 'created_at', 'currency',
        'order_number', 'is_number_reused',
    ],
    best_first=(
        'case when user_id is null then 1 else 0 end,'
        ~ ' created_at desc nulls last'
    ),
) }}

select
    ranked_rows.order_id,
    ranked_rows.user_id,
    ranked_rows.status,
    ranked_rows.created_at,
    ranked_rows.currency,
    ranked_rows.order_number,
    ranked_rows.is_number_reused,
    case
        when ranked_rows.order_id is null then 'no key'
        when ranked_rows.copy_number > 1 then 'exact duplicate'
        when ranked_rows.version_number > 1 then 'conflicting duplicate'
        when ranked_rows.user_id is null then 'without customer'
        when kept_users.kept_user_id is null then 'orphan'
        when ranked_rows.created_at is null then 'no date'
        else 'kept'
    end as fate
from ranked_rows
left join kept_users on ranked_rows.user_id = kept_users.kept_user_id
