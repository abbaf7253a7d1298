{{ segment_models('product') }}
