{{ segments('customer', key='customer_id') }}
