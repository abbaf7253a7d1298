{{ config(materialized='table') }}

{{ nearest_centroids('customer', key='customer_id') }}
