"""The SQL that was made fast gives what plain SQL gives, on random shops."""

from pathlib import Path

import duckdb
import jinja2
import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOP = """
create table as_of as select date '2024-01-31' as as_of_date;
create table orders_counted as
select
    i as order_id,
    (random() * 40)::bigint as customer_id,
    'Complete' as status,
    timestamp '2024-01-01' + interval (random() * 40000) minute as ordered_at
from range(150) as t (i);
create table order_items_counted as
select
    i as order_item_id,
    orders.order_id,
    orders.customer_id,
    nullif((random() * 12)::bigint, 12) as product_id,
    nullif('b' || (random() * 4)::bigint, 'b4') as brand,
    nullif('c' || (random() * 3)::bigint, 'c3') as category,
    (random() * 5)::bigint * 9.99::decimal(18, 2) as sale_price,
    nullif((random() * 4)::bigint, 4) * 3.1234::decimal(18, 4) as cost,
    orders.ordered_at,
    i % 7 = 0 as is_cancelled,
    i % 5 = 0 and i % 7 > 0 as is_returned,
    i % 7 > 0 and i % 5 > 0 as is_kept,
    1 + i % 3 as pieces,
    case when i % 7 = 0 then 0 when i % 5 = 0 then 1 + i % 3 else i % 11 % (1 + i % 3) end
        as returned_pieces,
    i % 3::decimal(18, 2) as refunded_amount,
    i % 7 > 0 and (i % 5 = 0 or i % 3 > 0) as is_delivered
from range(400) as t (i)
inner join orders_counted as orders on orders.order_id = (i * 7919) % 140;
create table orders_as_of as
select date '2024-01-31' - days_back as as_of_date, days_back, order_id, customer_id, ordered_at
from orders_counted, (values (0), (20)) as days (days_back)
where ordered_at < date '2024-02-01' - days_back and (days_back = 0 or customer_id % 3 = 0);
create table order_items_as_of as
select days.days_back, items.*
from order_items_counted as items
inner join orders_as_of as days on items.order_id = days.order_id;
create table customer_features as
select
    i as customer_id,
    (random() * 30)::bigint as days_since_last_order,
    (random() * 4)::bigint as kept_orders,
    (random() * 60)::bigint * 0.99::decimal(18, 2) as total_spend
from range(200) as t (i);
"""
PLAIN = {
    "features/customer_sums": """
        select
            orders.as_of_date,
            orders.days_back,
            orders.customer_id,
            count(distinct orders.order_id) as orders,
            count(distinct orders.order_id) filter (where is_kept) as orders_with_kept_items,
            coalesce(sum(pieces), 0) as items,
            coalesce(sum(pieces - returned_pieces) filter (where is_kept and cost is null), 0)
                as items_without_cost,
            coalesce(sum(pieces) filter (where is_cancelled), 0) as cancelled_items,
            coalesce(sum(returned_pieces), 0) as returned_items,
            coalesce(sum(pieces) filter (where is_delivered), 0) as delivered_items,
            coalesce(sum(sale_price) filter (where is_kept), 0) as spend,
            coalesce(sum(sale_price - cost) filter (where is_kept), 0) as margin,
            min(orders.ordered_at) as first_order_at,
            max(orders.ordered_at) as last_order_at
        from orders_as_of as orders
        left join order_items_as_of as items
            on orders.order_id = items.order_id and orders.days_back = items.days_back
        group by orders.as_of_date, orders.days_back, orders.customer_id
    """,
    "features/product_sums": """
        select
            product_id,
            count(distinct order_id) as orders,
            count(distinct customer_id) as distinct_buyers,
            (
                select count(*) from (
                    select customer_id from order_items_counted as own
                    where own.product_id = items.product_id
                    group by customer_id having count(distinct order_id) > 1
                )
            ) as repeat_buyers,
            sum(pieces) as items,
            sum(if(is_kept, pieces - returned_pieces, 0)) as units,
            sum(if(is_kept and cost is null, pieces - returned_pieces, 0)) as units_without_cost,
            sum(if(is_cancelled, pieces, 0)) as cancelled_items,
            sum(returned_pieces) as returned_items,
            sum(if(is_delivered, pieces, 0)) as delivered_items,
            sum(sale_price + refunded_amount) as asked,
            coalesce(sum(sale_price) filter (where is_kept), 0) as revenue,
            coalesce(sum(sale_price - cost) filter (where is_kept), 0) as margin,
            sum(sale_price) filter (where cost is not null) as asked_at_known_cost,
            sum(sale_price - cost) as markup,
            max(ordered_at) as last_ordered_at
        from order_items_counted as items
        where product_id is not null
        group by product_id
    """,
    "insights/customer_rfm": """
        with scored as (
            select
                *,
                5 * (rank() over (order by days_since_last_order desc) - 1) // 200 + 1 as r,
                5 * (
                    select count(*) from customer_features as others
                    where others.kept_orders between 1 and features.kept_orders - 1
                ) // 200 + 1 as f,
                5 * (rank() over (order by total_spend) - 1) // 200 + 1 as m
            from customer_features as features
        )
        select
            customer_id,
            days_since_last_order,
            kept_orders as orders,
            total_spend,
            r as recency_score,
            f as frequency_score,
            m as monetary_score,
            r || '' || f || m as rfm_score,
            (
                select first(rfm_cell order by rule_order) from rfm_cells
                where r between recency_min and recency_max
                    and f between frequency_min and frequency_max
                    and m between monetary_min and monetary_max
            ) as rfm_cell
        from scored
    """,
}


class Segmentation:
    """The package's macros, as far as these models call them while dbt reads their settings."""

    def has_segmentation(self, name: str) -> bool:
        """Say that every segmentation is on."""
        return True

    def has_shop(self) -> bool:
        """Say that there is a shop."""
        return True

    def setting(self, name: str) -> str:
        """Return the default of a setting."""
        return {"rfm_orders": "kept"}[name]


def model_sql(name: str) -> str:
    """Return the SQL of a model in which a ref is a table of that name."""
    text = (ROOT / "models" / f"{name}.sql").read_text()
    return jinja2.Template(text).render(
        ref=lambda table: table,
        config=lambda **_: "",
        segmentation=Segmentation(),
    )


def macro(path: str, name: str):
    """Return a macro of this project as a function."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    return getattr(environment.from_string((ROOT / "macros" / path).read_text()).module, name)


@pytest.fixture(params=range(5))
def shop(request):
    """Return a connection with a shop of random orders."""
    connection = duckdb.connect()
    connection.execute(f"set threads = 1; select setseed({request.param / 10})")
    connection.execute(SHOP)
    connection.read_csv(str(next(ROOT.glob("seeds/**/rfm_cells.csv")))).create("rfm_cells")
    return connection


def assert_same_rows(connection: duckdb.DuckDBPyConnection, fast: str, plain: str) -> None:
    """Assert that two queries give the same columns and rows, and some."""
    columns = connection.sql(fast).columns
    assert columns == connection.sql(plain).columns
    found, expected = (
        sorted(connection.sql(query).fetchall(), key=repr) for query in (fast, plain)
    )
    assert expected
    assert found == expected


@pytest.mark.parametrize("model", PLAIN)
def test_a_model_gives_what_plain_sql_gives(shop, model):
    assert_same_rows(shop, model_sql(model), PLAIN[model])


def test_repeated_rows_are_ranked_as_if_all_were(shop):
    columns = ["order_id", "user_id", "status"]
    shop.execute(
        "create table orders as select nullif((random() * 60)::bigint, 7) as order_id, "
        "(random() * 2)::bigint as user_id, nullif('s' || (random() * 2)::bigint, 's1') as status "
        "from range(120)"
    )
    best_first = "case when user_id is null then 1 else 0 end"
    fast = macro("thelook/rank_repeated_rows.sql", "rank_repeated_rows")(
        "orders", "order_id", columns, best_first
    )
    plain = f"""
        with texts as (
            select *, concat_ws('|', coalesce(order_id::text, ''), coalesce(user_id::text, ''),
                coalesce(status, '')) as row_text
            from orders
        )
        select
            * exclude row_text,
            case when order_id is null then 1
                else row_number() over (partition by order_id, user_id, status) end as copy_number,
            case when order_id is null then 1
                else dense_rank() over (partition by order_id order by {best_first},
                    row_text desc, user_id desc nulls last, status desc nulls last)
                end as version_number
        from texts
    """
    assert_same_rows(shop, f"with {fast} select * from ranked_rows", plain)


def row_set_hash(connection: duckdb.DuckDBPyConnection, rows: str) -> str:
    """Return the hash of the rows of a VALUES list with two columns."""
    expression = macro("plan/row_set_hash.sql", "row_set_hash")(["a", "b"])
    return connection.sql(f"select {expression} from (values {rows}) as t (a, b)").fetchall()[0][0]


def test_a_hash_of_rows_does_not_hang_on_their_order():
    connection = duckdb.connect()
    one = row_set_hash(connection, "(1, 'x'), (2, null), (2, null), (3, 'y')")
    assert one == row_set_hash(connection, "(2, null), (3, 'y'), (1, 'x'), (2, null)")


@pytest.mark.parametrize(
    "other",
    [
        "(1, 'y'), (2, 'x'), (2, null)",
        "(1, null), (2, 'y'), (2, 'x')",
        "(1, 'x'), (2, 'y')",
        "(1, 'x'), (2, 'y'), (2, null), (2, null)",
        "(2, 'x'), (2, 'y'), (1, null)",
    ],
)
def test_a_hash_of_rows_tells_sets_apart(other):
    connection = duckdb.connect()
    one = row_set_hash(connection, "(1, 'x'), (2, 'y'), (2, null)")
    assert one != row_set_hash(connection, other)


def test_a_value_that_moves_to_another_row_changes_the_hash(shop):
    pairs = "select {} as a, {} as b, {} as c, {} as d from range(20000) as t (i)"
    drawn = pairs.format(*["(random() * 1e9)::bigint"] * 4)
    hashed = macro("plan/row_set_hash.sql", "row_set_hash")
    # Each line of `drawn` is two rows, (a, b) and (c, d), and with b and d exchanged.
    query = f"""
        with drawn as materialized (select *, row_number() over () as line from ({drawn})),
        straight as (
            select line, {hashed(["x", "y"])} as h from (
                select line, a as x, b as y from drawn union all select line, c, d from drawn
            ) group by line
        ),
        crossed as (
            select line, {hashed(["x", "y"])} as h from (
                select line, a as x, d as y from drawn union all select line, c, b from drawn
            ) group by line
        )
        select count(*) from straight inner join crossed using (line, h)
    """
    assert shop.sql(query).fetchall()[0][0] == 0
