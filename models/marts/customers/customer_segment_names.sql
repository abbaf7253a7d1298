{{ segment_names('customer') }}
