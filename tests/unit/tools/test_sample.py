"""The sample shop: proportions, reproducibility, references, planted truth."""

from __future__ import annotations

import filecmp
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tools.sample import words
from tools.sample.catalogue import (
    BRANDS,
    MAX_PRODUCTS,
    brand_count,
    product_count,
)
from tools.sample.files import TABLES, SampleError, main, write_sample
from tools.sample.personas import PERSONAS
from tools.sample.sql import END_OF_DATA, MAX_ITEMS, MAX_ORDERS, MAX_USERS

ROOT = Path(__file__).parents[3]
USERS = 20_000
# The header of theLook's public tables, in their order.
COLUMNS = {
    "users": (
        "id,first_name,last_name,email,age,gender,state,street_address,postal_code,city,"
        "country,latitude,longitude,traffic_source,created_at,user_geom"
    ),
    "orders": (
        "order_id,user_id,status,gender,created_at,returned_at,shipped_at,delivered_at,num_of_item"
    ),
    "order_items": (
        "id,order_id,user_id,product_id,inventory_item_id,status,created_at,shipped_at,"
        "delivered_at,returned_at,sale_price"
    ),
    "inventory_items": (
        "id,product_id,created_at,sold_at,cost,product_category,product_name,product_brand,"
        "product_retail_price,product_department,product_sku,product_distribution_center_id"
    ),
    "products": "id,cost,category,name,brand,retail_price,department,sku,distribution_center_id",
}


def _open(files: dict[str, Path]) -> duckdb.DuckDBPyConnection:
    """Return a database with one table per file."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    for table, path in files.items():
        connection.execute(f"create table {table} as from '{path}'")
    return connection


def _shares(shop: duckdb.DuckDBPyConnection, value: str, source: str) -> dict:
    query = f"select {value}, count(*) / sum(count(*)) over () from {source} group by all"
    return dict(shop.execute(query).fetchall())


def _single(shop: duckdb.DuckDBPyConnection, query: str):
    return shop.execute(query).fetchall()[0][0]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A shop of 20,000 users, read back from its Parquet files."""
    connection = _open(write_sample(USERS, 1, tmp_path_factory.mktemp("shop"), "parquet"))
    yield connection
    connection.close()


class TestProportions:
    """Ensure the shop has theLook's shape, within two points of a hundred."""

    def test_a_fifth_of_the_users_never_orders(self, shop):
        buyers = _single(shop, "select count(distinct user_id) from orders")
        assert buyers / USERS == pytest.approx(0.8, abs=0.01)

    def test_orders_per_buyer(self, shop):
        shares = _shares(shop, "least(n, 4)", "(select count(*) as n from orders group by user_id)")
        # The loyal personas add to the four of the mass.
        expected = {1: 0.62, 2: 0.25, 3: 0.064, 4: 0.065}
        assert shares == pytest.approx(expected, abs=0.02)

    def test_items_per_order(self, shop):
        shares = _shares(shop, "num_of_item", "orders")
        assert shares == pytest.approx({1: 0.70, 2: 0.20, 3: 0.05, 4: 0.05}, abs=0.02)

    def test_statuses(self, shop):
        expected = {
            "Shipped": 0.30,
            "Complete": 0.25,
            "Processing": 0.20,
            "Cancelled": 0.15,
            "Returned": 0.10,
        }
        assert _shares(shop, "status", "orders") == pytest.approx(expected, abs=0.02)

    def test_traffic_sources(self, shop):
        expected = {name: share / 1000 for name, share in words.TRAFFIC_SOURCES}
        assert expected["Search"] == 0.7
        assert _shares(shop, "traffic_source", "users") == pytest.approx(expected, abs=0.01)

    def test_countries_are_skewed(self, shop):
        shares = _shares(shop, "country", "users")
        assert shares["China"] == pytest.approx(0.34, abs=0.02)
        assert shares["Poland"] < 0.01

    def test_catalogue(self, shop):
        counts = shop.execute(
            "select count(distinct brand), count(distinct category), min(retail_price), "
            "max(retail_price), count(*), count(distinct sku) from products"
        ).fetchall()[0]
        assert counts == (2756, 26, 0.02, 999.0, USERS, USERS)

    def test_cost_is_three_to_seven_tenths_of_the_price(self, shop):
        low, high = shop.execute(
            "select min(cost / product_retail_price), max(cost / product_retail_price) "
            "from inventory_items"
        ).fetchall()[0]
        assert 0.3 <= low < high <= 0.7

    def test_small_and_large_catalogues(self):
        assert product_count(1) == 500
        assert product_count(10_000_000) == MAX_PRODUCTS
        assert brand_count(20_000) == brand_count(10_000_000) == BRANDS == 2756


class TestReferences:
    """Ensure every row finds the rows it points to, and time runs forward."""

    def test_columns_are_those_of_thelook(self, shop):
        for table, columns in COLUMNS.items():
            described = shop.execute(f"describe {table}").fetchall()
            assert ",".join(column for column, *_ in described) == columns

    @pytest.mark.parametrize(
        ("table", "key"),
        [("users", "id"), ("orders", "order_id"), ("order_items", "id"),
         ("inventory_items", "id"), ("products", "id"), ("personas", "user_id")],
    )  # fmt: skip
    def test_keys_are_unique(self, shop, table, key):
        assert _single(shop, f"select count(*) - count(distinct {key}) from {table}") == 0

    @pytest.mark.parametrize(
        ("child", "column", "parent", "key"),
        [("orders", "user_id", "users", "id"),
         ("order_items", "order_id", "orders", "order_id"),
         ("order_items", "product_id", "products", "id"),
         ("order_items", "inventory_item_id", "inventory_items", "id"),
         ("inventory_items", "product_id", "products", "id"),
         ("orders", "order_id", "order_items", "order_id"),
         ("users", "id", "personas", "user_id")],
    )  # fmt: skip
    def test_no_orphans(self, shop, child, column, parent, key):
        orphans = f"select count(*) from {child} where {column} not in (select {key} from {parent})"
        assert _single(shop, orphans) == 0

    def test_items_agree_with_their_order(self, shop):
        differing = """
            select count(*) from orders as o
            inner join (
                select order_id, any_value(i.user_id) as user_id, count(*) as items,
                    min(status) as low, max(status) as high,
                    count_if(sale_price <> p.retail_price
                        or (p.department = 'Men') <> (u.gender = 'M')) as odd
                from order_items as i
                inner join products as p on p.id = i.product_id
                inner join users as u on u.id = i.user_id
                group by order_id
            ) as i using (order_id)
            where i.user_id <> o.user_id or items <> num_of_item
                or low <> status or high <> status or odd > 0
        """
        assert _single(shop, differing) == 0

    def test_time_runs_forward_and_ends(self, shop):
        late = f"""
            select count(*) from orders as o inner join users as u on u.id = o.user_id
            where u.created_at > o.created_at or o.created_at > o.shipped_at
                or o.shipped_at > o.delivered_at or o.delivered_at > o.returned_at
                or greatest(o.created_at, o.returned_at) > timestamp '{END_OF_DATA}'
        """
        assert _single(shop, late) == 0

    def test_times_follow_the_status(self, shop):
        wrong = """
            select count(*) from orders
            where (shipped_at is not null) <> (status in ('Shipped', 'Complete', 'Returned'))
                or (delivered_at is not null) <> (status in ('Complete', 'Returned'))
                or (returned_at is not null) <> (status = 'Returned')
        """
        assert _single(shop, wrong) == 0

    def test_only_few_items_are_unsold(self, shop):
        unsold = _single(shop, "select avg((sold_at is null)::int) from inventory_items")
        assert 0 < unsold < 0.05

    def test_mail_addresses_cannot_belong_to_anyone(self, shop):
        assert _single(shop, "select bool_and(email like '%@example.com') from users")

    def test_no_persona_outgrows_the_keys(self):
        assert max(max(p.orders, default=0) for p in PERSONAS) <= MAX_ORDERS
        assert max(max(p.items) for p in PERSONAS) <= MAX_ITEMS

    def test_a_shop_is_clean_unless_asked(self, shop):
        odd = "select count(*) from orders where shipped_at < created_at"
        assert _single(shop, odd) == 0
        assert _single(shop, "select count(*) from products where brand is null") == 0
        for table in TABLES:
            distinct = f"select count(*) from (select distinct * from {table})"
            assert _single(shop, distinct) == _single(shop, f"select count(*) from {table}")


class TestReproducibility:
    """Ensure a file depends on its arguments and on nothing else."""

    def test_threads_do_not_change_a_byte(self, tmp_path):
        # More users than a row group of DuckDB has, or threads would have no say.
        one = write_sample(150_000, 2, tmp_path / "one", threads=1)
        four = write_sample(150_000, 2, tmp_path / "four", threads=4)
        assert [p.name for p in one.values()] == [p.name for p in four.values()]
        assert len(one) == 6
        for table in one:
            assert filecmp.cmp(one[table], four[table], shallow=False), table

    def test_rows_are_in_key_order(self, shop):
        for table, key in (("users", "id"), ("orders", "order_id"), ("order_items", "id")):
            steps = f"select {key} - lag({key}) over (order by rowid) as step from {table}"
            assert _single(shop, f"select min(step) from ({steps})") > 0

    def test_another_seed_is_another_shop(self, tmp_path):
        first = write_sample(500, 1, tmp_path / "1")
        second = write_sample(500, 2, tmp_path / "2")
        for table in first:
            assert first[table].read_bytes() != second[table].read_bytes()

    def test_a_larger_shop_has_the_same_first_users(self, tmp_path):
        small = write_sample(MAX_PRODUCTS, 1, tmp_path / "small", personas=False)
        large = write_sample(MAX_PRODUCTS + 100, 1, tmp_path / "large", personas=False)
        for table in ("users", "orders", "order_items", "products"):
            assert large[table].read_bytes().startswith(small[table].read_bytes())

    def test_csv_and_parquet_hold_the_same(self, tmp_path):
        csv = _open(write_sample(1_000, 3, tmp_path, "csv"))
        parquet = _open(write_sample(1_000, 3, tmp_path, "parquet"))
        for table in (*TABLES, "personas"):
            query = f"from {table}"
            left, right = csv.execute(query).df(), parquet.execute(query).df()
            for column in left.columns[left.columns.str.endswith("_at")]:
                left[column] = pd.to_datetime(left[column], utc=True).dt.tz_localize(None)
            if table == "users":
                left["postal_code"] = left["postal_code"].astype(str)
            pd.testing.assert_frame_equal(left, right, check_dtype=False)

    def test_times_are_utc_text_in_csv_and_timestamps_in_parquet(self, tmp_path, shop):
        text = write_sample(1, 1, tmp_path)["users"].read_text().splitlines()[1]
        assert " UTC,POINT(" in text
        types = {row[0]: row[1] for row in shop.execute("describe orders").fetchall()}
        assert types["created_at"] == "TIMESTAMP"

    def test_the_seeds_are_what_the_documented_command_writes(self, tmp_path):
        written = write_sample(2_000, 1, tmp_path, prefix="sample_", personas=False)
        assert list(written) == list(TABLES)
        seeds = [ROOT / "seeds" / "sample" / path.name for path in written.values()]
        for seed, path in zip(seeds, written.values(), strict=True):
            assert seed.read_bytes() == path.read_bytes()
        assert sum(seed.stat().st_size for seed in seeds) <= 2_000_000

    def test_a_shop_of_one_user_has_all_files(self, tmp_path):
        for seed in range(3):
            files = write_sample(1, seed, tmp_path, "parquet")
            assert _single(_open(files), "select count(*) from personas") == 1


class TestPersonas:
    """Ensure the planted truth is there and shows in what customers do."""

    def test_shares(self, shop):
        shares = _shares(shop, "persona", "personas")
        expected = {p.name: p.per_mille / 1000 for p in PERSONAS}
        assert shares == pytest.approx(expected, abs=0.01)

    def test_visitors_are_those_who_never_order(self, shop):
        differing = """
            select count(*) from personas
            where (persona = 'visitor') <> (user_id not in (select user_id from orders))
        """
        assert _single(shop, differing) == 0

    def test_personas_differ_as_their_names_say(self, shop):
        means = _behaviour(shop).groupby("persona").mean()
        assert means["spend"].idxmax() == "loyal_high_spender"
        assert means["order_value"].idxmin() == "order_canceller"
        assert means["order_value"].drop("order_canceller").idxmin() == "bargain_hunter"
        assert means["recency"].idxmax() == "lapsed_one_timer"
        assert means["recency"].idxmin() == "newcomer"
        assert means["return_rate"].idxmax() == "serial_returner"
        assert means["cancellation_rate"].idxmax() == "order_canceller"
        breadth = means["categories"] / means["items"]
        assert breadth.idxmin() == "category_enthusiast"

    def test_personas_are_visible_in_behaviour(self, shop):
        behaviour = _behaviour(shop)
        truth = behaviour.pop("persona")
        forest = RandomForestClassifier(50, random_state=0)
        ceiling = adjusted_rand_score(truth, cross_val_predict(forest, behaviour, truth, cv=5))
        clusters = make_pipeline(
            StandardScaler(),
            PCA(0.8, random_state=0),
            KMeans(truth.nunique(), n_init=10, random_state=0),
        ).fit_predict(behaviour)
        reached = adjusted_rand_score(truth, clusters)
        assert ceiling >= 0.8
        assert reached >= 0.8 * ceiling


def _behaviour(shop: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return persona and the numbers of the default recipe, per buyer."""
    return shop.execute("""
        with per_order as (
            select
                o.user_id, o.order_id, o.status, o.created_at, count(*) as items,
                sum(if(o.status in ('Cancelled', 'Returned'), 0, sale_price)) as spend,
                list(brand) as brands, list(category) as categories
            from orders as o
            inner join order_items as i on i.order_id = o.order_id
            inner join products as p on p.id = i.product_id
            group by all
        )

        select
            any_value(persona) as persona,
            ln(1 + date_diff('day', max(created_at), timestamp '2025-01-01')) as recency,
            ln(1 + count(*)) as orders,
            ln(1 + sum(items)) as items,
            ln(1 + sum(spend)) as spend,
            ln(1 + coalesce(sum(spend) / nullif(count_if(spend > 0), 0), 0)) as order_value,
            ln(1 + len(list_distinct(flatten(list(brands))))) as brands,
            ln(1 + len(list_distinct(flatten(list(categories))))) as categories,
            sum(if(status = 'Returned', items, 0))
                / greatest(sum(if(status = 'Cancelled', 0, items)), 1) as return_rate,
            sum(if(status = 'Cancelled', items, 0)) / sum(items) as cancellation_rate
        from per_order
        inner join personas using (user_id)
        group by user_id
        order by user_id
    """).df()


class TestCommand:
    """Ensure a wrong argument ends in one sentence and exit code 2."""

    @pytest.mark.parametrize("users", ["0", "-5", "many", "1.5", str(MAX_USERS + 1)])
    def test_impossible_number_of_users(self, users, tmp_path, capsys):
        with pytest.raises(SystemExit) as stop:
            main(["--users", users, "--out", str(tmp_path)])
        assert stop.value.code == 2
        sentence = f"users is '{users}'; give a whole number from 1 to {MAX_USERS}."
        assert sentence in capsys.readouterr().err

    def test_unknown_format(self, tmp_path, capsys):
        assert main(["--users", "1", "--out", str(tmp_path), "--format", "xml"]) == 2
        assert "format is 'xml'; give csv or parquet." in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []

    def test_folder_that_is_a_file(self, tmp_path, capsys):
        (tmp_path / "file").write_text("")
        assert main(["--users", "1", "--out", str(tmp_path / "file")]) == 2
        assert f"cannot write to the folder {tmp_path / 'file'}" in capsys.readouterr().err

    def test_file_that_is_a_folder(self, tmp_path, capsys):
        (tmp_path / "users.csv").mkdir()
        assert main(["--users", "1", "--out", str(tmp_path)]) == 2
        assert f"cannot write {tmp_path / 'users.csv'}" in capsys.readouterr().err

    def test_library_refuses_too(self, tmp_path):
        with pytest.raises(SampleError, match="users is 0"):
            write_sample(0, 1, tmp_path)

    def test_runs_as_a_module(self, tmp_path):
        out = tmp_path / "it's new"
        command = [sys.executable, "-m", "tools.sample", "--users", "10", "--out", out]
        run = subprocess.run(
            [*command, "--prefix", "a_", "--no-personas", "--threads", "1"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        names = [f"a_{table}.csv" for table in TABLES]
        assert sorted(path.name for path in out.iterdir()) == sorted(names)
        assert all(name in run.stdout for name in names)
