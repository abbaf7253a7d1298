{{ k_alternative_flows('customer', key='customer_id', unit='customers') }}
