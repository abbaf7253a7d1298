{{ fit_sample('product', key='product_id', stage='components') }}
