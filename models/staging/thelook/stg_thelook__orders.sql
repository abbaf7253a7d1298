with raw_orders as (
    select * from {{ ref('raw_orders') }}
)

select
    {{ to_integer('order_id') }} as order_id,
    {{ to_integer('user_id') }} as user_id,
    {{ clean_text('status') }} as status,
    {{ to_utc_timestamp('created_at') }} as created_at
from raw_orders
