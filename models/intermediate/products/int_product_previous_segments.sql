{{ config(materialized='table') }}

{{ previous_segments(
    'product',
    changes=source('segmentation_state', 'product_segment_changes'),
    names=source('segmentation_state', 'fit_product_names'),
    key='product_id',
    as_of=ref('as_of'),
) }}
