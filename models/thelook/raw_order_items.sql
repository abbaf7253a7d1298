{{ config(
    materialized='table',
    post_hook="{{ refuse_rejected_lines('order_items') }}",
) }}

with order_items as (
    {% if raw_path() -%}
        {{ raw_file('order_items') }}
    {%- else -%}
        select
            *,
            cast(null as string) as quantity,
            cast(null as string) as refunded_amount,
            cast(null as string) as currency
        from {{ ref('sample_order_items') }}
    {%- endif %}
)

select
    id,
    order_id,
    user_id,
    product_id,
    inventory_item_id,
    status,
    created_at,
    shipped_at,
    delivered_at,
    returned_at,
    sale_price,
    quantity,
    refunded_amount,
    currency
from order_items
