{{ segment_stability('customer') }}
