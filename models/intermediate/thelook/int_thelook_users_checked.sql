{{ config(materialized='table') }}

with users as (
    select * from {{ ref('stg_thelook__users') }}
),

{{ rank_repeated_rows(
    'users',
    key='user_id',
    columns=[
        'user_id', 'age', 'gender', 'country', 'traffic_source', 'created_at',
    ],
    best_first='created_at desc nulls last',
) }}

select
    user_id,
    age,
    gender,
    country,
    traffic_source,
    created_at,
    case
        when user_id is null then 'no key'
        when copy_number > 1 then 'exact duplicate'
        when version_number > 1 then 'conflicting duplicate'
        else 'kept'
    end as fate
from ranked_rows
