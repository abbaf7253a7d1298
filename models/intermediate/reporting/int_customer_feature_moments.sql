{{ config(materialized='table') }}

{{ feature_moments('customer', key='customer_id') }}
