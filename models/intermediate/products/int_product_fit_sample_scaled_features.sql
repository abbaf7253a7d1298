{{ fit_sample('product', key='product_id', stage='scaled_features') }}
