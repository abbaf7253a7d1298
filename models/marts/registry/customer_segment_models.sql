{{ segment_models('customer') }}
