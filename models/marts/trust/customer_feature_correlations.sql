{{ fitted('fit_customer_correlations') }}
