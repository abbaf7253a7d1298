"""The goods of the sample shop, and the random numbers everything is drawn with.

Random numbers come from integer arithmetic on the row's key, not from a random
generator or from DuckDB's `hash` (which may change between versions): threads,
row order and the number of users cannot change a row.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from tools.sample import words
from tools.sample.personas import PERSONAS

# The catalogue reaches theLook's size at MAX_PRODUCTS users, and all brands at
# ALL_BRANDS_FROM products.
MIN_PRODUCTS = 500
MAX_PRODUCTS = 29_120
BRANDS = len(words.BRAND_FIRST) * len(words.BRAND_SECOND)
ALL_BRANDS_FROM = 20_000

# The finaliser is "lowbias32" from C. Wellons, Hash Function Prospector (2018),
# public domain: every product fits in 64 bits.
MACROS = """
create macro scramble(x) as xor(x, x >> 16);
create macro mix(x) as scramble(
    xor(
        scramble(x) * 2146121005::ubigint & 4294967295,
        (scramble(x) * 2146121005::ubigint & 4294967295) >> 15
    ) * 2221713035::ubigint & 4294967295
);
create macro salt(purpose) as md5_number_lower('{seed} ' || purpose) & 4294967295;
create macro draw(id, purpose) as
    mix(xor(id::ubigint, salt(purpose))) / 4294967296.0e0;
create macro draw_below(id, purpose, n) as
    cast(floor(draw(id, purpose) * n) as bigint);
create macro draw_between(id, purpose, bounds) as
    bounds[1] + draw(id, purpose) * (bounds[2] - bounds[1]);
create macro draw_from(id, purpose, choices) as
    choices[1 + draw_below(id, purpose, len(choices))];
"""

SLOTS = """
create table persona_slots as
select row_number() over (order by position, copy) - 1 as slot, p.*
from personas_drawn as p, range(per_mille) as c(copy);

create table place_slots as
select row_number() over (order by position, copy) - 1 as slot, p.*
from places as p, range(per_mille) as c(copy);

create table source_slots as
select row_number() over (order by position, copy) - 1 as slot, s.source
from sources as s, range(per_mille) as c(copy);

create table good_slots as
select row_number() over (order by position, copy) - 1 as slot, position as good
from goods, range(weight) as c(copy);
"""

# The first products go round all brands and all goods, so that even the
# smallest catalogue has every category; two carry theLook's extreme prices.
PRODUCTS = """
create table products as
with drawn as (
    select
        p.id,
        case
            when p.id <= {brands} then p.id - 1
            else cast(floor({brands} * draw(p.id, 'product brand') ** 2.5) as bigint)
        end as brand_number,
        case
            when p.id <= {goods} then p.id - 1
            else s.good
        end as good
    from range(1, {products} + 1) as p(id)
    inner join good_slots as s
        on s.slot = draw_below(p.id, 'product good', {weights})
),

priced as (
    select
        d.id,
        g.category,
        g.department,
        g.cost_share,
        ({first})[1 + d.brand_number % {firsts}]
            || ' ' || ({second})[1 + d.brand_number % {seconds}] as brand,
        draw_from(d.id, 'product style', {styles}) || ' ' || g.noun as noun,
        g.price * exp(
            2 * g.spread * (
                draw(d.id, 'price 1') + draw(d.id, 'price 2')
                + draw(d.id, 'price 3') - 1.5
            )
        ) as price
    from drawn as d
    inner join goods as g on g.position = d.good
),

rounded as (
    select
        *,
        case id
            when {goods} + 1 then 0.02e0
            when {goods} + 2 then 999.0e0
            else round(
                least(greatest(
                    floor(price) + draw_from(id, 'price end', [0.0, 0.5, 0.95, 0.99]),
                    0.5
                ), 998.0),
                2
            )
        end as retail_price
    from priced
)

select
    id,
    round(
        retail_price * (cost_share + 0.14 * (draw(id, 'product cost') - 0.5)), 4
    ) as cost,
    category,
    brand || ' ' || department || '''s ' || noun as name,
    brand,
    retail_price,
    department,
    'SKU' || lpad(id::varchar, 6, '0') as sku,
    1 + draw_below(id, 'product center', 10) as distribution_center_id
from rounded
order by id;
"""

# A pool is a shelf to pick from, cheapest first: pools 0 and 1 are the
# departments, pool 2 + n the n-th category of the goods.
PICKS = """
create table picks as
with pooled as (
    select if(department = 'Men', 0, 1) as pool, id, retail_price
    from products
    union all
    select 2 + g.position as pool, p.id, p.retail_price
    from products as p
    inner join goods as g
        on g.department = p.department and g.category = p.category
)

select
    pool,
    row_number() over (partition by pool order by retail_price, id) - 1 as position,
    count(*) over (partition by pool) as size,
    id as product_id
from pooled;

create table pools as
select distinct pool, size from picks;
"""


def product_count(users: int) -> int:
    """Return how many products a shop of `users` users sells."""
    return min(max(users, MIN_PRODUCTS), MAX_PRODUCTS)


def brand_count(users: int) -> int:
    """Return how many brands a shop of `users` users sells."""
    return min(BRANDS, product_count(users) * BRANDS // ALL_BRANDS_FROM)


def build_catalogue(connection: duckdb.DuckDBPyConnection, users: int, seed: int) -> None:
    """Create the macros that draw, the lists to draw from, and `products`.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        An empty database.
    users : int
        Users of the shop: a larger shop sells more products and brands.
    seed : int
        Another seed gives another catalogue.
    """
    connection.execute(MACROS.format(seed=seed))
    _create_words(connection)
    settings = {
        "products": product_count(users),
        "brands": brand_count(users),
        "goods": len(words.GOODS),
        "weights": sum(good[3] for good in words.GOODS),
        "first": list(words.BRAND_FIRST),
        "firsts": len(words.BRAND_FIRST),
        "second": list(words.BRAND_SECOND),
        "seconds": len(words.BRAND_SECOND),
        "styles": list(words.STYLES),
    }
    for script in (SLOTS, PRODUCTS, PICKS):
        connection.execute(script.format(**settings))


def _create_words(connection: duckdb.DuckDBPyConnection) -> None:
    personas = [
        (
            p.name,
            p.per_mille,
            list(p.orders),
            list(p.items),
            list(p.recency),
            list(p.gap),
            list(p.price),
            list(p.age),
            p.one_category,
            list(p.statuses),
            list(p.last_statuses),
        )
        for p in PERSONAS
    ]
    _create_table(
        connection,
        "personas_drawn",
        personas,
        "persona varchar, per_mille int, orders int[], items int[], recency double[], "
        "gap double[], price double[], age int[], one_category boolean, "
        "statuses varchar[], last_statuses varchar[]",
    )
    _create_table(connection, "sources", words.TRAFFIC_SOURCES, "source varchar, per_mille int")
    _create_table(
        connection,
        "places",
        words.PLACES,
        "country varchar, state varchar, city varchar, place_latitude double, "
        "place_longitude double, postal_prefix int, per_mille int",
    )
    _create_table(
        connection,
        "goods",
        words.GOODS,
        "department varchar, category varchar, noun varchar, weight int, price double, "
        "spread double, cost_share double",
    )


def _create_table(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[tuple], columns: str
) -> None:
    connection.execute(f"create table {name} (position int, {columns})")
    marks = ", ".join("?" for _ in range(len(rows[0]) + 1))
    connection.executemany(
        f"insert into {name} values ({marks})",
        [(position, *row) for position, row in enumerate(rows)],
    )
