{{ baskets_weighed(
    ref('customer_features'),
    ref('apply_customer_baskets'),
    ref('basket_components'),
    ref('int_basket_plan'),
    key='customer_id',
) }}
