{{ config(materialized='table') }}
-- Recorded after the audits, like the segments of these customers.
-- depends_on: {{ ref('customer_segment_changes') }}

{{ shop_first_orders(ref('customer_features'), key='customer_id') }}
