{{ config(enabled=segmentation.has_segmentation('customer')) }}

{{ segmentation.segment_history(
    'customer',
    key='customer_id',
    key_type='bigint',
    changes=ref('segment_changes'),
    names=ref('segment_names'),
) }}
