{{ fitted('fit_customer_matches') }}
