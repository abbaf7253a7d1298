{{ segment_names('product') }}
