{{ segment_sizes('customer', unit='customers') }}
