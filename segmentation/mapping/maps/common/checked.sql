-- What becomes of each line, and why.
{{ config(materialized='table') }}

{%- set limit = segmentation.setting('max_sale_price') %}
{%- set said = segmentation.setting('statuses') %}

with lines as (
    select * from {{ ref('${name}_lines') }}
),

known_statuses as (
    select
        status as known_status,
        meaning as known_meaning
    from {{ ref('segmentation', 'status_meanings') }}
),

{#- A key without a customer in any spelling is null; 17850.0 is 17850. #}
keyed as (
    select
        * exclude (order_number, customer_id, product_id),
        {%- for key in ['order_number', 'customer_id', 'product_id'] %}
        regexp_replace(
            case
                when lower(trim({{ key }})) not in ('', 'nan', 'null', 'none')
                    and (
                        '{{ key }}' <> 'customer_id'
                        or not regexp_full_match(trim({{ key }}), '0+([.]0+)?')
                    )
                    then trim({{ key }})
            end, '^([0-9]+)[.]0+$$', '\1'
        ) as {{ key }},
        {%- endfor %}
        replace(replace(lower(trim(status)), '_', ' '), '-', ' ') as plain_status
    from lines
),

-- Numbers that start again are an order of each customer.
told_apart as (
    select
        keyed.*,
        case
            when
                min(customer_id) over of_order < max(customer_id) over of_order
                then concat(order_number, ' of ', customer_id)
            else order_number
        end as order_id,
        case plain_status
            {%- for status, meaning in said.items() %}
            when '{{ status | lower | replace("'", "''") | replace('_', ' ')
                | replace('-', ' ') }}' then '{{ meaning }}'
            {%- else %}
            when '' then null
            {%- endfor %}
            else known_meaning
        end as meaning
    from keyed
    left join known_statuses on plain_status = known_status
    window of_order as (partition by order_number)
),

numbered as (
    select
        *,
        row_number() over (
            partition by order_id
            order by product_id, ordered_at, quantity, sale_price, product_name
        ) as line_number
    from told_apart
)

select
    concat(order_id, ' #', line_number) as order_item_id,
    order_id,
    customer_id,
    product_id,
    product_name,
    brand,
    category,
    country,
    status,
    coalesce(is_cancelled, false) or coalesce(meaning = 'cancelled', false)
        as is_cancelled,
    coalesce(meaning = 'returned', false) as is_returned,
    case when meaning in ('delivered', 'returned') then true end
        as is_delivered,
    nullif(plain_status, '') is not null and meaning is null
        as is_status_unknown,
    ordered_at,
    cast(quantity as decimal(18, 3)) as quantity,
    cast(sale_price as decimal(18, 2)) as sale_price,
    cast(refunded_amount as decimal(18, 2)) as refunded_amount,
    cast(cost as decimal(18, 4)) as cost,
    upper(trim(currency)) as currency,
    case
        when order_id is null then 'no key'
        when customer_id is null then 'without customer'
        when ordered_at is null then 'no date'
        when sale_price is null or abs(sale_price) > {{ limit }}
            then 'bad price'
        else 'kept'
    end as fate
from numbered
