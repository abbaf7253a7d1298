{{ exclusions(
    'customer',
    key='customer_id',
    population=ref('shop_customers'),
    absent_reason='no order up to the date of the data',
) }}
