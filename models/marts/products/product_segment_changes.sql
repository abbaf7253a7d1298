{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=var('forget_models', false) | as_bool,
    pre_hook=[
        "{{ forget_other_shop(ref('int_shop_continuity')) }}",
        "{{ forget_as_of(ref('as_of')) }}",
    ],
) }}
-- Recorded after the audits, like the model that it is about.
-- depends_on: {{ ref('product_model_log') }}

{{ segment_changes(
    'product',
    key='product_id',
    changes=source('segmentation_state', 'product_segment_changes'),
    as_of=ref('as_of'),
) }}
