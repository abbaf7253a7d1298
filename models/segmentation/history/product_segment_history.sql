{{ config(enabled=segmentation.has_segmentation('product')) }}

{{ segmentation.segment_history(
    'product',
    key='product_id',
    key_type='bigint',
    changes=ref('segment_changes'),
    names=ref('segment_names'),
) }}
