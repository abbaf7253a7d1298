{{ principal_components('product', key='product_id') }}
