-- Read by the fit and by every customer's vector.
{{ config(materialized='table') }}

{{ basket_shares(ref('int_order_items_counted'), key='customer_id') }}
