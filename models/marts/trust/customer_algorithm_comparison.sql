{{ fitted('fit_customer_comparison') }}
