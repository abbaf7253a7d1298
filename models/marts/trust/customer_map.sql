{{ segment_map('customer', key='customer_id') }}
