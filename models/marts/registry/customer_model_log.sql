{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook="{{ forget_other_shop(ref('int_shop_continuity')) }}",
    post_hook="{{ warn_of_rejection('customer') }}",
) }}
-- Written after the audits of the tables that a version is judged by.
-- depends_on: {{ ref('customer_cluster_report') }}
-- depends_on: {{ ref('customer_exclusions') }}
-- depends_on: {{ ref('customer_segment_agreement') }}
-- depends_on: {{ ref('customer_segment_profiles') }}
-- depends_on: {{ ref('customer_segment_summary') }}
-- depends_on: {{ ref('data_quality') }}
-- depends_on: {{ ref('segment_drift') }}

{{ model_log('customer', as_of=ref('int_as_of')) }}
