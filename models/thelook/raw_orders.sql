{{ config(
    materialized='table',
    post_hook="{{ refuse_rejected_lines('orders') }}",
) }}

with orders as (
    {% if raw_path() -%}
        {{ raw_file('orders') }}
    {%- else -%}
        select
            *,
            cast(null as string) as currency
        from {{ ref('sample_orders') }}
    {%- endif %}
)

select
    order_id,
    user_id,
    status,
    created_at,
    currency
from orders
