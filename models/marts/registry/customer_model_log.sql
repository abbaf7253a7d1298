{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook="{{ forget_other_shop(ref('int_shop_continuity')) }}",
    post_hook="{{ warn_of_rejection('customer') }}",
) }}
{{ await_audits() }}

{{ model_log('customer', as_of=ref('as_of')) }}
