{{ config(enabled=segmentation.has_segmentation('customer')) }}

{{ segmentation.segment_history(
    'customer',
    key='customer_id',
    key_type=var('key_types').get('customer_id', 'bigint'),
    changes=ref('segment_changes'),
    names=ref('segment_names'),
) }}
