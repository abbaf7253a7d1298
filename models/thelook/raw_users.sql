{{ config(
    materialized='table',
    post_hook="{{ refuse_rejected_lines('users') }}",
) }}

with users as (
    {% if raw_path() -%}
        {{ raw_file('users') }}
    {%- else -%}
        select * from {{ ref('sample_users') }}
    {%- endif %}
)

select
    id,
    age,
    gender,
    country,
    traffic_source,
    created_at
from users
