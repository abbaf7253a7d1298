{{ config(materialized='table') }}

{{ feature_moments('product', key='product_id') }}
