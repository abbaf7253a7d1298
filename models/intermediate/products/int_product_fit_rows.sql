{{ config(materialized='table') }}

{{ fit_rows('product', key='product_id') }}
