{{ fitted('fit_product_k') }}
