{{ config(enabled=segmentation.has_segmentation('customer')) }}

{% set settings = segmentation.basket_settings() %}
with shares as (

    select * from {{ ref('customer_basket_shares') }}

),

basket_plan as (

    select * from {{ ref('basket_plan') }}
    where is_fit

),

sampled_customers as (

    select
        customer_id,
        row_number() over (
            order by md5(cast(customer_id as string)), customer_id
        ) as sample_rank
    from shares
    group by customer_id
    qualify sample_rank <= {{ settings['max_fit_rows'] }}

),

categories as (

    select
        category,
        row_number() over (order by count(*) desc, category) as category_rank
    from shares
    group by category
    qualify category_rank <= {{ settings['max_categories'] }}

)

select
    cast(sampled_customers.sample_rank as bigint) as sample_rank,
    shares.category,
    shares.share
from shares
inner join sampled_customers
    on shares.customer_id = sampled_customers.customer_id
inner join categories on shares.category = categories.category
inner join basket_plan on 1 = 1
