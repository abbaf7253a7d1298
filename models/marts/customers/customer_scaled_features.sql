{{ config(materialized='view') }}

{{ scaled_features('customer', key='customer_id') }}
