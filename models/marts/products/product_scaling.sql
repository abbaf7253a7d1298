{{ fitted('fit_product_scaling') }}
