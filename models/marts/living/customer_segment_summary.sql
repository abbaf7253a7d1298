{{ segment_summary(
    'customer',
    unit='customers',
    key='customer_id',
    revenue='total_spend',
    earnings='total_margin',
) }}
