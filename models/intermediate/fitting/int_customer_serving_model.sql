{{ serving_model('customer') }}
