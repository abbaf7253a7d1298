{{ fit_sample('customer', key='customer_id', stage='scaled_features') }}
