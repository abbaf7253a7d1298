{{ config(materialized='view') }}

{{ scaled_features('product', key='product_id') }}
