{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook="{{ forget_as_of(ref('int_as_of')) }}",
) }}
-- Recorded after the audits, like the model that it is about.
-- depends_on: {{ ref('customer_model_log') }}

{{ segment_sizes('customer', unit='customers', as_of=ref('int_as_of')) }}
