{{ config(materialized='table') }}

{{ feature_drift('customer') }}
