{{ config(enabled=segmentation.has_segmentation('product')) }}

{{ segmentation.segment_history(
    'product',
    key='product_id',
    key_type=var('key_types').get('product_id', 'bigint'),
    changes=ref('segment_changes'),
    names=ref('segment_names'),
) }}
