{{ segment_profiles('product', key='product_id') }}
