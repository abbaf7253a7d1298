{{ fitted('fit_customer_pca') }}
