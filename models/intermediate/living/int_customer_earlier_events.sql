{{ config(materialized='table') }}

{{ earlier_events(source('segmentation_state', 'customer_model_log')) }}
