{{ segment_profiles('customer', key='customer_id') }}
