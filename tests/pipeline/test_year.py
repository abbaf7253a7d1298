"""A year of a shop: customers join every month, a persona is born, one dies, names change."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.pipeline.conftest import LIGHT

BORN, DIED, RENAMED = 6, 9, 10
SHORT_YEAR = (4, 6, 9, 10)
WHOLE_YEAR = tuple(range(1, 13))

POLICY = {
    "recipe": "habits",
    "recipes": {
        "habits": {
            "extends": "default",
            "features": [
                {"name": "average_order_value", "transform": "log1p", "high": "big baskets"},
                {"name": "total_items", "transform": "log1p", "high": "many items"},
                {"name": "return_rate", "high": "returns items"},
                {"name": "cancellation_rate", "high": "cancels orders"},
                {"name": "most_frequent_category"},
            ],
        }
    },
    "max_model_age_days": 45,
    **LIGHT,
}

# persona: (orders, items an order, price, items returned an order, orders cancelled, category)
PERSONAS = {
    "regulars": (5, 2, 20, 0, 0, "Socks"),
    "spenders": (2, 1, 300, 0, 0, "Suits"),
    "returners": (3, 3, 60, 2, 0, "Swim"),
    "waverers": (4, 1, 45, 0, 3, "Shorts"),
    "stockpilers": (3, 9, 12, 0, 0, "Basics"),
}
LATECOMER, MORTAL = "stockpilers", "returners"
UNTOUCHED = ("regulars", "spenders", "waverers")

# Every customer of the year, with the month of joining: 40 a persona at the start, then 6 a month.
CUSTOMERS = """
create table customers as
select
    row_number() over (order by month, persona, number) as user_id,
    persona,
    month
from personas
cross join range(1, 13) as months(month)
cross join range(1, 61) as numbers(number)
where
    month >= first_month
    and number <= case when month = first_month then 40 else 6 end
"""

# All orders of a customer fall into the month of joining; draws come from a hash of the row.
LINES = """
create table lines as
with numbered as (
    select
        customers.*,
        personas.* exclude (persona),
        order_number,
        item_number,
        user_id * 100 + order_number * 10 + item_number as item_id,
        user_id * 10 + order_number as order_id,
        hash(user_id * 10 + order_number, 'day') % 27 as day_draw,
        hash(user_id * 100 + order_number * 10 + item_number, 'price') % 1000 / 1000 as price_draw
    from customers
    inner join personas using (persona)
    cross join lateral (select unnest(range(1, orders + 1)) as order_number)
    cross join lateral (select unnest(range(1, items + 1)) as item_number)
)
select
    item_id,
    order_id,
    user_id,
    persona,
    month,
    product_id,
    make_timestamp(2024, month, 1 + cast(day_draw as int), 12, 0, 0) as created_at,
    round(price * (0.8 + 0.4 * price_draw), 2) as sale_price,
    case
        when order_number <= cancelled then 'Cancelled'
        when item_number <= returned then 'Returned'
        else 'Complete'
    end as status
from numbered
"""


@dataclass(frozen=True)
class Month:
    """What one build left: the tables as frames."""

    number: int
    said: str
    segments: pd.DataFrame
    sizes: pd.DataFrame
    migrations: pd.DataFrame


class Shop:
    """The raw tables of the shop as they stand at the end of a month."""

    def __init__(self) -> None:
        self.database = duckdb.connect()
        personas = pd.DataFrame(
            [
                (name, *habits, BORN if name == LATECOMER else 1, product)
                for product, (name, habits) in enumerate(PERSONAS.items(), start=1)
            ],
            columns=[
                "persona", "orders", "items", "price", "returned", "cancelled", "category",
                "first_month", "product_id",
            ],
        )  # fmt: skip
        self.database.register("given", personas)
        self.database.execute("create table personas as from given")
        self.database.execute(CUSTOMERS)
        self.database.execute(LINES)

    def personas(self) -> pd.Series:
        """Return the persona of every customer of the year, by customer."""
        frame = self.database.execute("select user_id, persona from customers").df()
        return frame.set_index("user_id")["persona"]

    def write(self, folder: Path, month: int) -> Path:
        """Write the raw files of a month and return their folder."""
        folder.mkdir(parents=True, exist_ok=True)
        gone = f"and (persona <> '{MORTAL}' or {month} < {DIED})"
        renamed = "category || ' (new)'" if month >= RENAMED else "category"
        queries = {
            "users": f"select user_id as id from customers where month <= {month} {gone}",
            "orders": "select order_id, user_id, min(status) as status, "
            f"min(created_at) as created_at from lines where month <= {month} {gone} "
            "group by order_id, user_id",
            "order_items": "select item_id as id, order_id, product_id, status, created_at, "
            f"sale_price from lines where month <= {month} {gone}",
            "products": f"select product_id as id, price / 2 as cost, {renamed} as category, "
            "persona as brand from personas",
        }
        for table, query in queries.items():
            path = folder / f"{table}.parquet"
            self.database.execute(f"copy ({query} order by all) to '{path}' (format parquet)")
        return folder


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


def live_through(project, shop: Shop, months: tuple[int, ...]) -> Iterator[Month]:
    for month in months:
        raw_path = shop.write(project.folder / "raw", month)
        as_of = f"2024-{month:02d}-28"
        done = project.build(raw_path=raw_path, variables=POLICY | {"as_of": as_of})
        with duckdb.connect(str(project.warehouse), read_only=True) as connection:
            yield Month(
                month,
                done.stdout,
                connection.execute("from customer_segments").df().set_index("customer_id"),
                connection.execute(f"from segment_sizes where as_of_date = '{as_of}'").df(),
                connection.execute(f"from segment_migrations where as_of_date = '{as_of}'").df(),
            )


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(SHORT_YEAR, id="short"),
        pytest.param(WHOLE_YEAR, id="whole", marks=pytest.mark.soak),
    ],
)
def year(request, make_project, shop):
    """Return the project and its months, built one after the other."""
    project = make_project("year")
    return project, list(live_through(project, shop, request.param))


def segment_of(month: Month, personas: pd.Series, persona: str) -> int:
    """Return the one segment that holds a persona, which must be nearly pure both ways."""
    of_persona = personas.reindex(month.segments.index) == persona
    segment = month.segments.loc[of_persona, "segment_id"].mode()[0]
    inside = month.segments["segment_id"] == segment
    assert (inside == of_persona).mean() > 0.98, (month.number, persona)
    return int(segment)


def test_untouched_personas_keep_their_ids_and_names(year, shop):
    _, months = year
    personas = shop.personas()
    for persona in UNTOUCHED:
        ids = [segment_of(month, personas, persona) for month in months]
        names = [
            month.segments.loc[month.segments["segment_id"] == segment, "segment_name"].unique()
            for month, segment in zip(months, ids, strict=True)
        ]
        assert len(set(ids)) == len(set(np.concatenate(names))) == 1, persona


def test_a_new_persona_gets_an_id_never_used(year, shop):
    _, months = year
    personas = shop.personas()
    before = {
        int(number)
        for month in months
        if month.number < BORN
        for number in month.segments["segment_id"].unique()
    }
    born = {segment_of(month, personas, LATECOMER) for month in months if month.number >= BORN}
    assert len(born) == 1
    assert born.pop() > max(before)


def test_a_dead_persona_is_retired_for_good(year, shop):
    project, months = year
    personas = shop.personas()
    dead = {segment_of(month, personas, MORTAL) for month in months if month.number < DIED}
    assert len(dead) == 1
    for month in months:
        if month.number >= DIED:
            assert not dead & set(month.segments["segment_id"])
    (dead_id,) = dead
    ends = project.query(
        f"select model_version, kind from segment_matches where old_id = {dead_id} order by all"
    )
    assert ends[-1][1] == "retired"
    assert project.query(
        f"select count(*) from segment_matches where new_id = {dead_id} "
        f"and model_version >= {ends[-1][0]}"
    ) == [(0,)]


def test_migrations_reconcile_to_the_customer(year):
    _, months = year
    before = pd.Series(dtype="int64")
    for month in months:
        now = month.segments["segment_id"]
        moves = pd.DataFrame({"from": before, "to": now}).astype("Int64")
        expected = moves.value_counts(dropna=False).to_dict()
        flows = month.migrations.astype({"from_segment_id": "Int64", "to_segment_id": "Int64"})
        found = flows.groupby(["from_segment_id", "to_segment_id"], dropna=False)["units"].sum()
        assert found.to_dict() == expected, month.number
        sizes = month.sizes.set_index("segment_id")["units"]
        assert sizes.to_dict() == now.value_counts().to_dict(), month.number
        assert flows["share"].sum() == pytest.approx(1)
        before = now


def test_refits_have_a_reason(year):
    project, months = year
    reasons = project.query("select reason from segment_models order by model_version")
    fitted = sum("Customer model: fits version" in month.said for month in months)
    assert fitted == len(reasons) >= 4
    text = " ".join(reason for (reason,) in reasons)
    assert "there was no model yet" in text
    assert "drifted" in text
    assert "older than 45 days" in text


def test_one_model_serves_and_every_interval_has_a_length(year):
    project, _ = year
    assert project.query("select count(*) from segment_models where status = 'active'") == [(1,)]
    assert project.query(
        "select count(*) from customer_segment_history where valid_to <= valid_from"
    ) == [(0,)]


def test_leavers_leave_on_the_date_of_the_data(year):
    project, _ = year
    left = project.query(
        "select distinct as_of_date::varchar from segment_changes where cause = 'left'"
    )
    assert left == [(f"2024-{DIED:02d}-28",)]
