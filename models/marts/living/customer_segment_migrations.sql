{{ segment_migrations('customer', unit='customers') }}
