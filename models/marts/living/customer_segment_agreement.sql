{{ segment_agreement('customer', key='customer_id') }}
