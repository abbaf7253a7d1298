{{ config(materialized='table') }}

{{ previous_segments(
    source('segmentation_state', 'product_segment_changes'),
    key='product_id',
    as_of=ref('int_as_of'),
) }}
