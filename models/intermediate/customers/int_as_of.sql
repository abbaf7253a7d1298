{% set as_of = setting('as_of') %}
with

shop_orders as (

    select * from {{ ref('shop_orders') }}

),

final as (

    select
        coalesce(
            cast({{ "'" ~ as_of ~ "'" if as_of else 'null' }} as date),
            max(cast(ordered_at as date))
        ) as as_of_date
    from shop_orders

)

select * from final
