{{ segment_history('product', key='product_id') }}
