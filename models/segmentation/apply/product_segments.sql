{{ config(enabled=segmentation.has_segmentation('product')) }}

{{ segments(
    'product',
    units=ref('product_features'),
    serving_models=ref('serving_models'),
    scaling=ref('scaling'),
    loadings=ref('loadings'),
    centroids=ref('centroids'),
    segment_names=ref('segment_names'),
    previous_segments=ref('previous_segments'),
) }}
