{{ config(materialized='table') }}

{{ nearest_centroids('product', key='product_id') }}
