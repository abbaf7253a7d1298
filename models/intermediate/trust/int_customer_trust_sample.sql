{{ trust_sample('customer', key='customer_id') }}
