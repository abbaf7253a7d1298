{{ config(enabled=segmentation.has_shop()) }}

{%- set filled_by = segmentation.setting('shop_products') %}

with products as (
    {{ contract_rows(
        'shop_products', ref(filled_by) if filled_by, model.columns
    ) }}
)

select
    product_id,
    name,
    brand,
    category,
    department,
    retail_price,
    cost
from products
