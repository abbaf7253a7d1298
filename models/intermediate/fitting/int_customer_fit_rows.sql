{{ config(materialized='table') }}

{{ fit_rows('customer', key='customer_id') }}
