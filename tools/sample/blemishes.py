"""Mistakes planted in a sample shop, in known numbers, for tests of the intake.

Each blemish strikes a row by a draw on the row's key, so its count is known
before a file is written. Duplicates are copies of rows as they are after the
other blemishes; the other counts do not count those copies.
"""

from __future__ import annotations

import duckdb

# Orders are struck at most once: each blemish has its own band of one draw.
NO_ITEMS = "draw(order_id, 'order blemish') < 0.005"
ORPHANED = "draw(order_id, 'order blemish') >= 0.995"
SHIPPED_EARLY = "shipped_at is not null and draw(order_id, 'order blemish') between 0.4 and 0.6"
NO_BRAND = "draw({key}, 'brand blemish') < 0.01"
NULL_CITY = "draw(id, 'city blemish') < 0.02"
DUPLICATE_SHARE = 0.01
KEYS = {
    "users": "id",
    "orders": "order_id",
    "order_items": "id",
    "inventory_items": "id",
    "products": "id",
}

VIEWS = f"""
create schema blemished;

create view blemished.users_once as
select * replace (if({NULL_CITY}, 'null', city) as city) from main.users;

create view blemished.orders_once as
select * replace (
    if({SHIPPED_EARLY}, created_at - interval 3 hours, shipped_at) as shipped_at
)
from main.orders
where not ({ORPHANED});

create view blemished.order_items_once as
select * replace (
    if({SHIPPED_EARLY}, created_at - interval 3 hours, shipped_at) as shipped_at
)
from main.order_items
where not ({NO_ITEMS});

create view blemished.inventory_items_once as
select * replace (
    if({NO_BRAND.format(key="product_id")}, null, product_brand) as product_brand
)
from main.inventory_items;

create view blemished.products_once as
select * replace (if({NO_BRAND.format(key="id")}, null, brand) as brand)
from main.products;
"""


def plant_blemishes(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the schema `blemished` beside a shop made by `build_shop`.

    It has the shop's five tables and `blemishes`: one row per kind of mistake,
    with the columns `table`, `blemish` and `rows`.
    """
    connection.execute(VIEWS)
    for table, key in KEYS.items():
        copied = f"draw({key}, '{table} copy') < {DUPLICATE_SHARE}"
        connection.execute(
            f"create view blemished.{table} as from blemished.{table}_once "
            f"union all from blemished.{table}_once where {copied}"
        )
    counts = " union all ".join(
        f"select '{table}' as \"table\", '{blemish}' as blemish, count(*) as rows "
        f"from {source} where {condition}"
        for table, blemish, source, condition in _planted()
    )
    connection.execute(f"create view blemished.blemishes as {counts}")


def _planted() -> list[tuple[str, str, str, str]]:
    """Return table, blemish, where to count it, and by which condition."""
    early = "created_at > shipped_at"
    duplicates = [
        (
            table,
            "exact duplicate",
            f"blemished.{table}_once",
            f"draw({key}, '{table} copy') < {DUPLICATE_SHARE}",
        )
        for table, key in KEYS.items()
    ]
    return [
        *duplicates,
        ("users", "text null", "main.users", NULL_CITY),
        ("orders", "without items", "main.orders", NO_ITEMS),
        ("orders", "shipped before created", "blemished.orders_once", early),
        ("order_items", "without order", "main.order_items", ORPHANED),
        ("order_items", "shipped before created", "blemished.order_items_once", early),
        ("products", "missing brand", "main.products", NO_BRAND.format(key="id")),
        (
            "inventory_items",
            "missing brand",
            "main.inventory_items",
            NO_BRAND.format(key="product_id"),
        ),
    ]
