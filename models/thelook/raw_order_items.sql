{{ config(
    materialized='table',
    post_hook="{{ refuse_rejected_lines('order_items') }}",
) }}

with order_items as (
    {% if raw_path() -%}
        {{ raw_file('order_items') }}
    {%- else -%}
        select * from {{ ref('sample_order_items') }}
    {%- endif %}
)

select
    id,
    order_id,
    product_id,
    inventory_item_id,
    status,
    created_at,
    shipped_at,
    delivered_at,
    returned_at,
    sale_price
from order_items
