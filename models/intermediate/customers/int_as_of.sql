with

shop_orders as (

    select * from {{ ref('shop_orders') }}

),

final as (

    select
        coalesce({{ as_of_setting() }}, max(cast(ordered_at as date)))
            as as_of_date
    from shop_orders

)

select * from final
