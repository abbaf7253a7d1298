{{ exclusions(
    'product',
    key='product_id',
    population=ref('shop_products'),
    absent_reason='never ordered up to the date of the data',
) }}
