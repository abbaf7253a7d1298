with raw_users as (
    select * from {{ ref('raw_users') }}
)

select
    {{ to_integer('id') }} as user_id,
    {{ to_integer('age') }} as age,
    {{ clean_text('gender') }} as gender,
    {{ clean_text('country') }} as country,
    {{ clean_text('traffic_source') }} as traffic_source,
    {{ to_utc_timestamp('created_at') }} as created_at
from raw_users
