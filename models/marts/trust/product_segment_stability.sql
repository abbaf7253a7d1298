{{ segment_stability('product') }}
