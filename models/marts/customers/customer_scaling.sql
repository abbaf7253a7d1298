{{ fitted('fit_customer_scaling') }}
