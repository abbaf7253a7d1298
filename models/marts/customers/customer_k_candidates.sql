{{ fitted('fit_customer_k') }}
