{{ serving_model('product') }}
