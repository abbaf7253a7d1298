{{ principal_components('customer', key='customer_id') }}
