{% set as_of = setting('as_of') %}
with

shop_orders as (

    select * from {{ ref('shop_orders') }}

),

final as (

    select
        {% if as_of %}
        cast('{{ as_of }}' as date) as as_of_date
        {% else %}
        max(cast(ordered_at as date)) as as_of_date
        {% endif %}
    from shop_orders

)

select * from final
