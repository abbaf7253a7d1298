{{ config(
    materialized='table',
    post_hook="{{ refuse_rejected_lines('inventory_items') }}",
) }}

with inventory_items as (
    {% if raw_path() -%}
        {{ raw_file('inventory_items') }}
    {%- else -%}
        select * from {{ ref('sample_inventory_items') }}
    {%- endif %}
)

select
    id,
    product_id,
    cost,
    product_category,
    product_name,
    product_brand,
    product_retail_price,
    product_department
from inventory_items
