{{ fitted('fit_product_pca') }}
