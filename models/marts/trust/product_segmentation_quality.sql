{{ segmentation_quality('product') }}
