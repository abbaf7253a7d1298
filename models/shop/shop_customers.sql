{{ config(enabled=segmentation.has_shop()) }}

{%- set filled_by = segmentation.setting('shop_customers') %}

with customers as (
    {% if filled_by -%}
        {{ contract_rows('shop_customers', ref(filled_by), model.columns) }}
    {%- else -%}
        {#- A shop of orders alone: whoever ordered is a customer. -#}
        {{ contract_rows('shop_customers', ref('shop_orders'), model.columns) }}
        qualify row_number() over (
            partition by customer_id order by order_id
        ) = 1
    {%- endif %}
)

select
    customer_id,
    age,
    gender,
    country,
    traffic_source,
    registered_at
from customers
