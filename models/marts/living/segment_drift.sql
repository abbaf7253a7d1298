{{ segment_drift('customer') }}
