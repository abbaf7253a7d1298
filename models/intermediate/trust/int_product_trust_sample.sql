{{ trust_sample('product', key='product_id') }}
