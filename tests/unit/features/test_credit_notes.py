"""Credit notes are taken off the purchases that they are about, to the cent and the piece."""

from collections import deque
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.unit.test_plain_sql import model_sql

DAYS = {0: "2024-06-30", 90: "2024-04-01"}
MODELS = ("credit_notes", "refunds", "order_items_as_of", "customer_sums")


def random_lines(seed: int) -> pd.DataFrame:
    """Draw lines of 25 customers at changing prices; a third of the lines is credited."""
    draw = np.random.default_rng(seed)
    count = 900
    lines = pd.DataFrame(
        {
            "order_item_id": draw.permutation(count),
            "customer_id": draw.integers(25, size=count),
            "product_id": draw.integers(6, size=count),
            "day": draw.integers(180, size=count),
            "quantity": draw.integers(1, 13, size=count),
            "is_note": draw.random(count) < 1 / 3,
        }
    )
    # An order is what a customer buys on a day; half of the notes have a number of their own.
    lines["order_id"] = lines["customer_id"] * 1000 + lines["day"]
    own = lines["is_note"] & (draw.random(count) < 0.5)
    lines.loc[own, "order_id"] += 500_000
    unit = 125 + 75 * lines["product_id"] + 25 * draw.integers(3, size=count)
    lines["price"] = lines["quantity"] * unit
    # One product is credited by money alone, and nothing is known of one line in twenty.
    lines["gives_pieces"] = lines["product_id"] != 5
    lines["is_known"] = draw.random(count) > 0.05
    return lines.sort_values(["day", "is_note", "order_item_id"]).reset_index(drop=True)


def build(lines: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    """Build the models on the lines, of today's day and of an earlier one."""
    connection = duckdb.connect()
    connection.execute(
        """
        create table shop_order_items as
        select
            order_item_id, order_id, customer_id,
            case when is_known then product_id end as product_id,
            timestamp '2024-01-02' + interval 1 day * "day" as ordered_at,
            case when gives_pieces then (if(is_note, -1, 1) * quantity)::decimal(18, 3) end
                as quantity,
            (if(is_note, -1, 1) * price / 100.0)::decimal(18, 2) as sale_price,
            null::decimal(18, 2) as refunded_amount, 1.5::decimal(18, 4) as cost,
            null as brand, null as category,
            false as is_cancelled, false as is_returned, null::boolean as is_delivered,
            null::timestamp as delivered_at, null::timestamp as returned_at
        from lines
        """
    )
    connection.execute(model_table("credit_notes"))
    days = ", ".join(f"({back}, date '{day}')" for back, day in DAYS.items())
    connection.execute(
        f"""
        create table shop_orders as
        select order_id, any_value(customer_id) as customer_id, min(ordered_at) as ordered_at,
            null::timestamp as delivered_at, null::timestamp as returned_at
        from shop_order_items group by order_id;
        create table orders_as_of as
        select days.*, orders.* from shop_orders as orders
        inner join (values {days}) as days (days_back, as_of_date)
            on orders.ordered_at::date <= days.as_of_date
        where order_id not in (select order_id from credit_notes where is_no_order)
        """
    )
    for name in MODELS[1:]:
        connection.execute(model_table(name))
    return connection


def model_table(name: str) -> str:
    return f"create table {name} as {model_sql(f'features/{name}')}"


def settle(lines: pd.DataFrame) -> dict[int, list]:
    """Return price, refund and pieces back of each purchase, by walking back through the lines."""
    purchases = {
        line.order_item_id: [line.price, 0, 0] for line in lines.itertuples() if not line.is_note
    }
    for _, group in lines[lines["is_known"]].groupby(["customer_id", "product_id"]):
        waiting = deque()
        for line in group[::-1].itertuples():
            measure = line.quantity if line.gives_pieces else line.price
            if line.is_note:
                waiting.append([measure, measure, line])
            else:
                take_back(purchases[line.order_item_id], measure, waiting)
    for _, group in lines.groupby("customer_id"):
        notes, bought = group[group["is_note"]], group[~group["is_note"]]
        amount = notes["price"].sum() - sum(purchases[key][1] for key in bought["order_item_id"])
        last = notes["day"].max() if len(notes) else 0
        for line in sorted(bought[::-1].itertuples(), key=lambda line: line.day > last):
            purchase = purchases[line.order_item_id]
            off = min(amount, purchase[0] - purchase[1])
            purchase[1] += off
            amount -= off
    return purchases


def take_back(purchase: list, measure: int, waiting: deque) -> None:
    """Take off a purchase what waits for it, at the price of the note."""
    credit = 0
    while waiting and measure:
        left, whole, note = waiting[0]
        taken = min(left, measure)
        # A note is used from its first piece on: what is left stands at its end.
        done = whole - left
        parts = [(note.price * place * 2 + whole) // (2 * whole) for place in (done, done + taken)]
        credit += parts[1] - parts[0]
        purchase[2] += taken if note.gives_pieces else 0
        measure -= taken
        waiting[0][0] -= taken
        if not waiting[0][0]:
            waiting.popleft()
    purchase[1] += min(credit, purchase[0])


@pytest.mark.parametrize("seed", range(8))
def test_each_purchase_is_refunded_as_a_walk_through_the_lines_says(seed):
    lines = random_lines(seed)
    connection = build(lines)
    for back, day in DAYS.items():
        known = lines[pd.Timestamp("2024-01-02") + pd.to_timedelta(lines["day"], "D") <= day]
        expected = {
            line: (Decimal(int(refund)) / 100, pieces)
            for line, (_, refund, pieces) in settle(known).items()
            if refund or pieces
        }
        found = connection.sql(
            "select order_item_id, refunded_amount, returned_quantity from refunds "
            f"where days_back = {back}"
        ).fetchall()
        assert {line: (refund, int(pieces)) for line, refund, pieces in found} == expected


@pytest.mark.parametrize("seed", range(8))
def test_nobody_spends_other_than_their_lines_add_up_to(seed):
    lines = random_lines(seed)
    connection = build(lines)
    signed = lines["price"].where(~lines["is_note"], -lines["price"])
    net = signed.groupby(lines["customer_id"]).sum().clip(lower=0)
    sums = connection.sql("select * from customer_sums where days_back = 0").df()
    sums = sums.set_index("customer_id").astype(float, errors="ignore")
    assert (sums["spend"] * 100).round().astype(int).to_dict() == net.to_dict()
    bought = lines[~lines["is_note"]]
    pieces = bought["quantity"].where(bought["gives_pieces"], 1)
    assert (
        sums["items"].astype(int).to_dict() == pieces.groupby(bought["customer_id"]).sum().to_dict()
    )
    orders = bought.groupby("customer_id")["order_id"].nunique()
    assert sums["orders"].astype(int).to_dict() == orders.to_dict()
    assert 0 < sums["returned_items"].sum() < sums["delivered_items"].sum()
    assert (sums["delivered_items"] == sums["items"]).all()


def test_a_note_is_about_the_latest_purchase_before_it():
    """Pieces come back with their part of the cost; the fee that was kept is no return of money."""
    columns = ["order_item_id", "order_id", "product_id", "day", "quantity", "price", "is_note"]
    rows = [
        (1, 1, 7, 0, 12, 1200, False),
        (2, 2, 7, 10, 12, 1800, False),
        (3, 3, 7, 20, 2, 300, True),  # two of the twelve
        (4, 4, 8, 20, 5, 500, False),
        (5, 5, 8, 21, 5, 450, True),  # all five, less a fee
        (6, 6, 9, 30, 1, 50, True),  # of nothing bought here: money off
        (7, 7, 7, 40, 1, 150, False),
    ]
    lines = pd.DataFrame(rows, columns=columns).assign(
        customer_id=1, gives_pieces=True, is_known=True
    )
    connection = build(lines)
    assert connection.sql(
        "select order_item_id, sale_price, cost, pieces, returned_pieces, is_kept "
        "from order_items_as_of where days_back = 0 order by 1"
    ).fetchall() == [
        (1, Decimal("12.00"), Decimal("1.5000"), 12, 0, True),
        (2, Decimal("15.00"), Decimal("1.2500"), 12, 2, True),
        (4, Decimal("0.00"), Decimal("0.0000"), 5, 5, True),
        (7, Decimal("1.50"), Decimal("1.5000"), 1, 0, True),
    ]


def test_a_purchase_that_was_cancelled_at_once_is_no_spend():
    columns = ["order_item_id", "order_id", "product_id", "day", "quantity", "price", "is_note"]
    rows = [
        (1, 1, 1, 5, 1, 290, False),
        (2, 2, 2, 90, 80_995, 16_846_960, False),
        (3, 3, 2, 90, 80_995, 16_846_960, True),
    ]
    lines = pd.DataFrame(rows, columns=columns).assign(
        customer_id=16_446, gives_pieces=True, is_known=True
    )
    assert build(lines).sql(
        "select spend, orders, orders_with_kept_items, returned_items, delivered_items "
        "from customer_sums where days_back = 0"
    ).fetchall() == [(Decimal("2.90"), 2, 1, 80_995, 80_996)]
