{{ config(materialized='table') }}

{{ earlier_events(source('segmentation_state', 'product_model_log')) }}
