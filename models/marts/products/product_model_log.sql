{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=var('forget_models', false) | as_bool,
    pre_hook="{{ forget_other_shop(ref('int_shop_continuity')) }}",
    post_hook="{{ warn_of_rejection('product') }}",
) }}
{{ await_audits() }}

{{ model_log('product', as_of=ref('as_of')) }}
