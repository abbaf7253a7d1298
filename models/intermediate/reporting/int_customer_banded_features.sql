{{ config(materialized='table') }}

{{ banded_features('customer', key='customer_id') }}
