{{ segmentation_quality('customer') }}
