with users as (
    select count(*) filter (where age not between 0 and 120) as odd_ages
    from {{ ref('int_thelook_users_checked') }}
),

buyers as (
    select distinct customer_id
    from {{ ref('shop_orders') }}
),

customers as (
    select count(*) as without_orders
    from {{ ref('shop_customers') }} as shop_customers
    left join buyers
        on shop_customers.customer_id = buyers.customer_id
    where buyers.customer_id is null
),

sold_orders as (
    select distinct order_id
    from {{ ref('shop_order_items') }}
),

orders as (
    select
        count(*) filter (where sold_orders.order_id is null) as without_items,
        count(*) filter (
            where not {{ is_known_status('shop_orders.status') }}
        ) as unknown_statuses
    from {{ ref('shop_orders') }} as shop_orders
    left join sold_orders
        on shop_orders.order_id = sold_orders.order_id
),

lone_orders as (
    select count(*) as long_after_all_others
    from {{ ref('int_lone_orders') }}
),

dispatches as (
    select count(*) filter (where shipped_at < created_at) as before_creation
    from {{ ref('int_thelook_order_items_checked') }}
),

order_items as (
    select
        count(*) filter (
            where not {{ is_known_status('status') }}
        ) as unknown_statuses,
        count(*) filter (where product_id is null) as without_product,
        count(*) filter (where brand is null) as without_brand,
        count(*) filter (where category is null) as without_category,
        count(*) filter (where cost is null) as without_cost
    from {{ ref('shop_order_items') }}
),

{% for table_name in ['inventory_items', 'products'] %}
    {{ table_name }} as (
        select
            count(*) filter (
                where cost is not null and {{ plausible_money('cost') }} is null
            ) as costs_out_of_range
        from {{ ref('int_thelook_' ~ table_name ~ '_checked') }}
    ),
{% endfor %}
shop_products as (
    select
        count(*) filter (
            where name is null and brand is null and category is null
        ) as without_description
    from {{ ref('shop_products') }}
)

{%- set checks = [
    ['users', 'age out of range', 'odd_ages', 'set to missing'],
    ['customers', 'customer without orders', 'without_orders', 'kept'],
    ['orders', 'order without items', 'without_items', 'kept'],
    ['orders', 'unknown status', 'unknown_statuses', 'kept'],
    ['lone_orders', 'order long after all others', 'long_after_all_others',
        'kept'],
    ['dispatches', 'shipped before created', 'before_creation', 'kept'],
    ['order_items', 'unknown status', 'unknown_statuses', 'kept'],
    ['order_items', 'item without product', 'without_product', 'kept'],
    ['order_items', 'item without brand', 'without_brand', 'kept'],
    ['order_items', 'item without category', 'without_category', 'kept'],
    ['order_items', 'item without cost', 'without_cost', 'kept'],
    ['inventory_items', 'cost out of range', 'costs_out_of_range',
        'set to missing'],
    ['products', 'cost out of range', 'costs_out_of_range', 'set to missing'],
    ['shop_products', 'product without description', 'without_description',
        'kept'],
] %}
{%- set source_tables = {
    'customers': 'users',
    'lone_orders': 'orders',
    'dispatches': 'order_items',
    'shop_products': 'products',
} %}
{% for counts, check_name, column, action in checks %}
    select
        '{{ source_tables.get(counts, counts) }}' as table_name,
        '{{ check_name }}' as check_name,
        {{ column }} as odd_rows,
        '{{ action }}' as action
    from {{ counts }}
    {{ 'union all' if not loop.last }}
{%- endfor %}
