{{ basket_fit_sample(
    ref('int_customer_basket_shares'),
    ref('int_basket_plan'),
    key='customer_id',
) }}
