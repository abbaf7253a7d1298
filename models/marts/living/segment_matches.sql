{{ segment_matches('customer') }}
