-- noqa: disable=ST03
{{ config(materialized='table') }}
{% set is_typed = segmentation.is_typed('users') %}

-- Read by the macros to_money and to_utc_timestamp.
with formats as (
    select
        column_name,
        value_format
    from {{ ref('thelook_columns_given') }}
    where table_name = 'users'
),

users as {% if is_typed %}not materialized {% endif %}(
    select
        nullif({{ to_integer('id') }}, 0) as user_id,
        {{ to_integer('age') }} as age,
        {{ clean_text('gender') }} as gender,
        {{ clean_text('country') }} as country,
        {{ clean_text('traffic_source') }} as traffic_source,
        {{ to_utc_timestamp('created_at') }} as created_at
    from {{ ref('raw_users') }}
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
