-- Read by the fit and by every customer's vector.
{{ config(
    materialized='table',
    post_hook="{{ refuse_unfillable_baskets('customer_id') }}",
) }}

{{ basket_shares(ref('order_items_counted'), key='customer_id') }}
