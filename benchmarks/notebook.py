"""The article's walk-through as a plain notebook would run it: the yardstick of `make bench`.

    python -m benchmarks.notebook DIR

One SQL query, then pandas and scikit-learn in memory: label encoding, scaling, PCA(2), the elbow
of k from 1 to 10, k-means(5), the report of top values. Nothing is checked, stored, versioned or
published. Its mistakes are left in (an order counts once per item), for they are part of what it
costs.
"""

import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.preprocessing import LabelEncoder, StandardScaler

QUERY = """
with purchases as (
    select
        users.id as user_id, users.age, users.gender, users.country, users.traffic_source,
        orders.order_id, items.product_brand as brand, items.product_category as category
    from '{folder}/users.{form}' as users
    inner join '{folder}/orders.{form}' as orders on users.id = orders.user_id
    inner join '{folder}/order_items.{form}' as order_items
        on orders.order_id = order_items.order_id
    inner join '{folder}/inventory_items.{form}' as items
        on order_items.inventory_item_id = items.id
)
select
    user_id, age, gender, country, traffic_source, count(order_id) as total_orders,
    mode(brand) as most_frequent_brand, mode(category) as most_frequent_category
from purchases
group by user_id, age, gender, country, traffic_source
"""
CATEGORIES = [
    "gender",
    "country",
    "traffic_source",
    "most_frequent_brand",
    "most_frequent_category",
]


def walk_through(folder: Path) -> pd.DataFrame:
    """Run the walk-through on a folder of raw files; return its report of top values."""
    form = "parquet" if (folder / "users.parquet").exists() else "csv"
    frame = duckdb.sql(QUERY.format(folder=folder, form=form)).df()
    frame = frame.set_index("user_id").dropna().sort_index()
    encoded = frame.copy()
    for column in CATEGORIES:
        encoded[column] = LabelEncoder().fit_transform(encoded[column])
    scaled = StandardScaler().fit_transform(encoded)
    components = PCA(n_components=2, random_state=444).fit_transform(scaled)
    for k in range(1, 11):
        KMeans(k, init="k-means++", max_iter=300, random_state=222).fit(components)
    model = KMeans(5, init="k-means++", n_init=10, max_iter=300, random_state=222).fit(components)
    frame["cluster"] = model.labels_
    return pd.concat(
        frame.groupby("cluster")[column].value_counts(normalize=True).groupby("cluster").head(3)
        for column in CATEGORIES
    )


if __name__ == "__main__":
    start = time.perf_counter()
    report = walk_through(Path(sys.argv[1]))
    print(f"{len(report)} rows of report in {time.perf_counter() - start:.1f} s")
