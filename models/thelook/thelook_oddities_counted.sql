with orders as (
    select * from {{ ref('thelook_orders') }}
),

users as (
    select count(*) filter (where age not between 0 and 120) as odd_ages
    from {{ ref('thelook_users_checked') }}
),

buyers as (
    select distinct customer_id from orders
),

customers as (
    select count(*) as without_orders
    from {{ ref('thelook_customers') }} as customers
    left join buyers on customers.customer_id = buyers.customer_id
    where buyers.customer_id is null
),

items as (
    select
        count(*) filter (where not is_status_known) as unknown_statuses,
        min(status) filter (where not is_status_known) as example,
        count(*) filter (where product_id is null) as without_product,
        count(*) filter (where brand is null) as without_brand,
        count(*) filter (where category is null) as without_category,
        count(*) filter (where cost is null) as without_cost
    from {{ ref('thelook_order_items') }}
),

filled_orders as (
    select distinct order_id from {{ ref('thelook_order_items') }}
),

sold as (
    select
        count(*) filter (where filled_orders.order_id is null)
            as without_items,
        count(*) filter (
            where orders.status is not null and statuses.status is null
        ) as unknown_statuses,
        min(orders.status) filter (where statuses.status is null) as example
    from orders
    left join filled_orders on orders.order_id = filled_orders.order_id
    left join {{ ref('thelook_statuses') }} as statuses
        on
            replace(replace(lower(orders.status), '_', ' '), '-', ' ')
            = statuses.status
),

dispatches as (
    select count(*) filter (where shipped_at < created_at) as before_creation
    from {{ ref('thelook_order_items_checked') }}
),

inventory_items as (
    select
        count(cost) - count({{ plausible_money('cost') }}) as costs_out_of_range
    from {{ ref('thelook_inventory_items_checked') }}
),

products as (
    select
        count(cost) - count({{ plausible_money('cost') }}) as costs_out_of_range
    from {{ ref('thelook_products_checked') }}
),

catalogue as (
    select
        count(*) filter (
            where name is null and brand is null and category is null
        ) as without_description
    from {{ ref('thelook_products') }}
)

{%- set checks = [
    ['users', 'users', 'odd_ages', 'age out of range'],
    ['users', 'customers', 'without_orders', 'customer without orders'],
    ['orders', 'sold', 'without_items', 'order without items'],
    ['orders', 'sold', 'unknown_statuses', 'unknown status'],
    ['order_items', 'dispatches', 'before_creation', 'shipped before created'],
    ['order_items', 'items', 'unknown_statuses', 'unknown status'],
    ['order_items', 'items', 'without_product', 'item without product'],
    ['order_items', 'items', 'without_brand', 'item without brand'],
    ['order_items', 'items', 'without_category', 'item without category'],
    ['order_items', 'items', 'without_cost', 'item without cost'],
    ['inventory_items', 'inventory_items', 'costs_out_of_range',
        'cost out of range'],
    ['products', 'products', 'costs_out_of_range', 'cost out of range'],
    ['products', 'catalogue', 'without_description',
        'product without description'],
] %}
{% for table_name, counts, column, check_name in checks %}
    select
        '{{ table_name }}' as table_name,
        '{{ check_name }}' as check_name,
        cast(coalesce(sum({{ column }}), 0) as bigint) as odd_rows,
        '{{ 'set to missing' if 'out of range' in check_name else 'kept' }}'
            as action,
        {{ 'min(example)' if check_name == 'unknown status'
            else 'cast(null as string)' }} as example
    from {{ counts }}
    {{ 'union all' if not loop.last }}
{%- endfor %}
