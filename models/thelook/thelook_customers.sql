with users as (
    select * from {{ ref('thelook_users_checked') }}
    where fate = 'kept'
)

select
    user_id as customer_id,
    case when age between 0 and 120 then age end as age,
    gender,
    country,
    traffic_source,
    created_at as registered_at
from users
