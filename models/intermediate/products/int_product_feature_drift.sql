{{ config(materialized='table') }}

{{ feature_drift('product') }}
