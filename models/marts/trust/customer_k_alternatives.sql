{{ k_alternatives('customer', key='customer_id') }}
