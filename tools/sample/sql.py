"""The customers, orders and items of the sample shop as DuckDB views.

Every value is a function of (seed, row, purpose), and the views only stream (no
sort, no aggregate), so memory does not grow with the shop.
"""

from __future__ import annotations

import duckdb

from tools.sample import words
from tools.sample.catalogue import build_catalogue, product_count

# Keys are arithmetic so that no counter has to be kept: user u owns the orders
# 16 * (u - 1) + 1 … 15, and order o the items 4 * (o - 1) + 1 … 4. The 16th
# order of a user is never placed; its item numbers serve unsold inventory.
MAX_ORDERS = 15
MAX_ITEMS = 4
ORDER_SLOTS = MAX_ORDERS + 1
# Item keys are drawn from as 32-bit numbers.
MAX_USERS = 2**32 // (ORDER_SLOTS * MAX_ITEMS) - 1

END_OF_DATA = "2025-01-01 00:00:00"
UNSOLD_SHARE = 0.05

CLOCK = """
create macro instant(seconds) as
    make_timestamp(cast(floor(seconds) as bigint) * 1000000);
create macro end_second() as cast(epoch(timestamp '{end}') as bigint);
create table user_keys as
select user_id from range(1, {users} + 1) as k(user_id);
"""

SHOPPERS = """
create view shoppers as
with drawn as (
    select
        k.user_id,
        if(draw(k.user_id, 'gender') < 0.5, 'F', 'M') as gender,
        p.*,
        coalesce(draw_from(k.user_id, 'orders', p.orders), 0) as order_count,
        86400 * draw_between(k.user_id, 'gap', p.gap) as gap_seconds,
        end_second()
            - 86400 * draw_between(k.user_id, 'recency', p.recency) as last_second
    from user_keys as k
    inner join persona_slots as p
        on p.slot = draw_below(k.user_id, 'persona', 1000)
)

select
    *,
    case
        when not one_category then if(gender = 'M', 0, 1)
        else 2 + (
            {favourites}
        )[1 + if(
            gender = 'M',
            draw_below(user_id, 'favourite', {men}),
            {men} + draw_below(user_id, 'favourite', {women})
        )]
    end as pool,
    last_second
        - greatest(order_count - 1, 0) * gap_seconds
        - 86400 * 90 * draw(user_id, 'signup') ** 2 as signup_second
from drawn;
"""

USERS = """
create view personas as
select user_id, persona from shoppers;

create view users as
with described as (
    select
        s.user_id,
        s.gender,
        s.age[1] + draw_below(s.user_id, 'age', s.age[2] - s.age[1] + 1) as age,
        if(
            s.gender = 'F',
            draw_from(s.user_id, 'first name', {first_f}),
            draw_from(s.user_id, 'first name', {first_m})
        ) as first_name,
        draw_from(s.user_id, 'last name', {last}) as last_name,
        c.*,
        round(c.place_latitude + draw(s.user_id, 'lat') * 0.4 - 0.2, 4) as latitude,
        round(c.place_longitude + draw(s.user_id, 'lon') * 0.4 - 0.2, 4) as longitude,
        t.source as traffic_source,
        instant(s.signup_second) as created_at
    from shoppers as s
    inner join place_slots as c on c.slot = draw_below(s.user_id, 'place', 1000)
    inner join source_slots as t on t.slot = draw_below(s.user_id, 'source', 1000)
)

select
    user_id as id,
    first_name,
    last_name,
    lower(first_name || last_name) || user_id || '@example.com' as email,
    age,
    gender,
    state,
    1 + draw_below(user_id, 'house', 999)
        || ' ' || draw_from(user_id, 'street', {streets}) as street_address,
    (postal_prefix * 100 + draw_below(user_id, 'postal', 100))::varchar as postal_code,
    city,
    country,
    latitude,
    longitude,
    traffic_source,
    created_at,
    'POINT(' || longitude || ' ' || latitude || ')' as user_geom
from described;
"""

# Shipping, delivery and return follow each other inside eleven days, or inside
# what is left of the data, so that nothing happens after its end.
ORDERS = """
create view placed_orders as
with numbered as (
    select
        (s.user_id - 1) * {order_slots} + s.order_number as order_id,
        s.*
    from (
        select *, unnest(range(1, order_count + 1)) as order_number from shoppers
    ) as s
),

placed as (
    select
        *,
        draw_from(order_id, 'items', items) as item_count,
        draw_from(
            order_id, 'status', if(order_number = order_count, last_statuses, statuses)
        ) as status,
        last_second - gap_seconds * if(
            order_number = order_count,
            0, order_count - order_number - 0.6 * draw(order_id, 'jitter')
        ) as created_second
    from numbered
)

select
    *,
    least(86400 * 11, end_second() - created_second) as window_seconds,
    instant(created_second) as created_at,
    if(
        status in ('Shipped', 'Complete', 'Returned'),
        instant(created_second + window_seconds * 0.25 * draw(order_id, 'ship')),
        null
    ) as shipped_at,
    if(
        status in ('Complete', 'Returned'),
        instant(created_second
            + window_seconds * (0.25 + 0.4 * draw(order_id, 'deliver'))),
        null
    ) as delivered_at,
    if(
        status = 'Returned',
        instant(created_second
            + window_seconds * (0.65 + 0.35 * draw(order_id, 'return'))),
        null
    ) as returned_at
from placed;

create view orders as
select
    order_id,
    user_id,
    status,
    gender,
    created_at,
    returned_at,
    shipped_at,
    delivered_at,
    item_count as num_of_item
from placed_orders;
"""

ITEMS = """
create view bought_items as
with numbered as (
    select
        *,
        (order_id - 1) * {max_items} + unnest(range(1, item_count + 1)) as item_id
    from placed_orders
)

select
    n.*,
    p.product_id
from numbered as n
inner join pools as s on s.pool = n.pool
inner join picks as p
    on
        p.pool = n.pool
        and p.position = cast(
            floor(s.size * draw_between(n.item_id, 'product', n.price)) as bigint
        );

create view order_items as
select
    i.item_id as id,
    i.order_id,
    i.user_id,
    i.product_id,
    i.item_id as inventory_item_id,
    i.status,
    i.created_at,
    i.shipped_at,
    i.delivered_at,
    i.returned_at,
    p.retail_price as sale_price
from bought_items as i
inner join products as p on p.id = i.product_id;

create view inventory_items as
with stocked as (
    select
        item_id as id,
        product_id,
        created_second - 86400 * 60 * draw(item_id, 'stock') as stocked_second,
        created_at as sold_at
    from bought_items
    union all
    select
        user_id * {order_slots} * {max_items} as id,
        1 + draw_below(user_id, 'unsold product', {products}) as product_id,
        end_second() - 86400 * 60 * draw(user_id, 'unsold') as stocked_second,
        null as sold_at
    from user_keys
    where draw(user_id, 'is unsold') < {unsold_share}
)

select
    s.id,
    s.product_id,
    instant(s.stocked_second) as created_at,
    s.sold_at,
    p.cost,
    p.category as product_category,
    p.name as product_name,
    p.brand as product_brand,
    p.retail_price as product_retail_price,
    p.department as product_department,
    p.sku as product_sku,
    p.distribution_center_id as product_distribution_center_id
from stocked as s
inner join products as p on p.id = s.product_id;
"""


def build_shop(connection: duckdb.DuckDBPyConnection, users: int, seed: int) -> None:
    """Create the tables and views `users`, `orders`, … of one sample shop.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        An empty database.
    users : int
        Users, 1 to `MAX_USERS`.
    seed : int
        Another seed gives another shop.
    """
    # The optimiser would stream the catalogue past the customers, not the
    # customers past the catalogue, and with it change the order of rows.
    connection.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
    build_catalogue(connection, users, seed)
    men = sum(good[3] for good in words.GOODS if good[0] == "Men")
    settings = {
        "users": users,
        "end": END_OF_DATA,
        "products": product_count(users),
        "men": men,
        "women": sum(good[3] for good in words.GOODS) - men,
        "favourites": [n for n, good in enumerate(words.GOODS) for _ in range(good[3])],
        "first_f": list(words.FIRST_NAMES_F),
        "first_m": list(words.FIRST_NAMES_M),
        "last": list(words.LAST_NAMES),
        "streets": list(words.STREETS),
        "order_slots": ORDER_SLOTS,
        "max_items": MAX_ITEMS,
        "unsold_share": UNSOLD_SHARE,
    }
    for script in (CLOCK, SHOPPERS, USERS, ORDERS, ITEMS):
        connection.execute(script.format(**settings))
