{{ config(
    materialized='table',
    post_hook="{{ refuse_rejected_lines('products') }}",
) }}

with products as (
    {% if raw_path() -%}
        {{ raw_file('products') }}
    {%- else -%}
        select * from {{ ref('sample_products') }}
    {%- endif %}
)

select
    id,
    cost,
    category,
    name,
    brand,
    retail_price,
    department
from products
