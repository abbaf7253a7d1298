-- A table, so that weighing streams it in constant memory.
{{ config(materialized='table') }}

{{ basket_vectors(
    ref('int_customer_basket_shares'),
    ref('basket_components'),
    ref('int_basket_plan'),
    key='customer_id',
) }}
