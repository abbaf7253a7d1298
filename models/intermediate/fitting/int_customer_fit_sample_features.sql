{{ fit_sample('customer', key='customer_id', stage='features') }}
