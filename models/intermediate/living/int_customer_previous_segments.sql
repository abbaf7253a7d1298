{{ config(materialized='table') }}

{{ previous_segments(
    'customer',
    changes=source('segmentation_state', 'customer_segment_changes'),
    names=source('segmentation_state', 'fit_customer_names'),
    key='customer_id',
    as_of=ref('as_of'),
) }}
