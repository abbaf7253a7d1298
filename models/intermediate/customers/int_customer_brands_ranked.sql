with

order_items as (

    select * from {{ ref('int_order_items_counted') }}

),

final as (

    {{ most_frequent(
        relation='order_items',
        key='customer_id',
        value='brand',
        spend='sale_price',
        distinct_values='distinct_brands',
    ) }}

)

select * from final
