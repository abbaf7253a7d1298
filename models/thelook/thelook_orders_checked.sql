{{ config(materialized='table') }}

with orders as (
    select
        {{ to_integer('order_id') }} as order_id,
        {{ to_integer('user_id') }} as user_id,
        {{ clean_text('status') }} as status,
        {{ to_utc_timestamp('created_at') }} as created_at
    from {{ ref('raw_orders') }}
),

kept_users as (
    select user_id as kept_user_id
    from {{ ref('thelook_users_checked') }}
    where fate = 'kept'
),

{{ rank_repeated_rows(
    'orders',
    key='order_id',
    columns=['order_id', 'user_id', 'status', 'created_at'],
    best_first='created_at desc nulls last',
) }}

select
    ranked_rows.order_id,
    ranked_rows.user_id,
    ranked_rows.status,
    ranked_rows.created_at,
    case
        when ranked_rows.order_id is null then 'no key'
        when ranked_rows.copy_number > 1 then 'exact duplicate'
        when ranked_rows.version_number > 1 then 'conflicting duplicate'
        when kept_users.kept_user_id is null then 'orphan'
        when ranked_rows.created_at is null then 'no date'
        else 'kept'
    end as fate
from ranked_rows
left join kept_users on ranked_rows.user_id = kept_users.kept_user_id
