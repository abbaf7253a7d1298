{{ config(materialized='table') }}

{{ previous_segments(
    source('segmentation_state', 'customer_segment_changes'),
    key='customer_id',
    as_of=ref('int_as_of'),
) }}
