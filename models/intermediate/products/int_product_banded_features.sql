{{ config(materialized='table') }}

{{ banded_features('product', key='product_id') }}
