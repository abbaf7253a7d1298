{{ segment_history('customer', key='customer_id') }}
