"""The least that the features of such a shop can cost: every input read once, one table written.

    python -m benchmarks.floor DIR

Plain DuckDB with 4 GB, on Parquet: keys that occur twice by aggregates, one join of all items,
sums, favourites, a row per customer, published as Parquet and as DuckDB. Nothing is checked beyond
the keys, nothing fitted, nothing tested.
"""

import sys
import tempfile
import time
from pathlib import Path

import duckdb

KEYS = {"users": "id", "orders": "order_id", "order_items": "id", "inventory_items": "id"}
ITEMS = """
    create table items as
    select
        orders.user_id as customer_id, orders.order_id, orders.created_at, order_items.status,
        cast(order_items.sale_price as decimal(18, 2)) as price,
        cast(inventory_items.cost as decimal(18, 2)) as cost,
        inventory_items.product_brand as brand, inventory_items.product_category as category
    from '{folder}/order_items.parquet' as order_items
    inner join '{folder}/orders.parquet' as orders using (order_id)
    inner join '{folder}/inventory_items.parquet' as inventory_items
        on order_items.inventory_item_id = inventory_items.id
"""
SUMS = """
    create table sums as
    select
        customer_id, count(*) as items, count(distinct order_id) as orders,
        sum(price) filter (status not in ('Cancelled', 'Returned')) as spend,
        sum(price - cost) filter (status not in ('Cancelled', 'Returned')) as margin,
        count_if(status = 'Returned') as returned, count_if(status = 'Cancelled') as cancelled,
        min(created_at) as first_at, max(created_at) as last_at
    from items group by customer_id
"""
FAVOURITE = """
    create table favourite_{column} as
    with counted as (
        select customer_id, {column}, count(*) as items, sum(price) as spend
        from items group by customer_id, {column}
    )
    select customer_id, count(*) as kinds,
        min(struct_pack(items := -items, spend := -spend, name := {column})).name as favourite
    from counted group by customer_id
"""
FEATURES = """
    create table features as
    select
        sums.*, users.age, users.gender, users.country, users.traffic_source,
        favourite_brand.favourite as brand, favourite_brand.kinds as brands,
        favourite_category.favourite as category, favourite_category.kinds as categories
    from sums
    inner join '{folder}/users.parquet' as users on sums.customer_id = users.id
    left join favourite_brand using (customer_id)
    left join favourite_category using (customer_id)
"""


def features(folder: Path, scratch: Path) -> int:
    """Make and publish the features of a folder of Parquet; return how many customers have some."""
    with duckdb.connect(str(scratch / "floor.duckdb")) as database:
        database.execute("set memory_limit = '4GB'; set preserve_insertion_order = false")
        for table, key in KEYS.items():
            database.execute(
                f"create table twice_{table} as select {key} from '{folder}/{table}.parquet' "
                f"group by {key} having count(*) > 1"
            )
        favourites = [FAVOURITE.format(column=column) for column in ("brand", "category")]
        for statement in (ITEMS, SUMS, *favourites, FEATURES):
            database.execute(statement.replace("{folder}", str(folder)))
        database.execute(f"copy features to '{scratch}/features.parquet' (compression zstd)")
        database.execute(f"attach '{scratch}/published.duckdb' as published")
        database.execute("create table published.features as from features")
        return database.execute("select count(*) from features").fetchone()[0]


if __name__ == "__main__":
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        customers = features(Path(sys.argv[1]), Path(name))
    print(f"{customers} customers in {time.perf_counter() - start:.1f} s")
