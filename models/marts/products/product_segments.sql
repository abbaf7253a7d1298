{{ segments('product', key='product_id') }}
