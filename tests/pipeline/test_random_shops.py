"""Ensures that random shops in random dialects have the figures of plain arithmetic, to the cent.

A shop is made as typed values first, and written as files afterwards. What is right follows from
the typed values by pandas, not from the files; and every row that counts nowhere is told.
"""

import csv
import io
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

CENT = Decimal("0.01")
STATUSES = {
    "kept": ["paid", "Partially_Refunded", "in-transit", "Shipped"],
    "delivered": ["Complete", "DELIVERED"],
    "cancelled": ["Cancelled", "voided", "payment_failed"],
    "returned": ["Returned", "charged-back"],
    None: ["shelved", "Lost?"],
}
MEANINGS = {word: meaning for meaning, words in STATUSES.items() for word in words} | {"": None}
COUNTRIES = ["España", "Österreich", "Perú", "Norge"]
NOBODY = ["", "nan", "NULL", "0", "NaN"]
GONE = 900_000
"""Keys from here on are of nothing that is there."""
FEATURES = (
    *("customer_id", "country", "total_orders", "kept_orders", "total_items", "delivered_items"),
    *("returned_items", "cancelled_items", "total_spend", "average_order_value", "return_rate"),
    *("cancellation_rate", "days_since_last_order", "days_since_first_order"),
    *("most_frequent_brand", "distinct_brands"),
)


@dataclass(frozen=True)
class Dialect:
    """How a shop is written, and what it tells.

    Attributes
    ----------
    encoding, ends, kind : str
        Of its files: `kind` is csv or parquet, whose values are texts all the same.
    price, time : str
        How amounts and times are written.
    quantity : str
        What the pieces of a line are called; empty where every line is one piece.
    has_refunds, items_say, deliveries : bool
        Whether lines tell refunds, a status of their own, and when they arrived.
    """

    encoding: str
    ends: str
    kind: str
    price: str
    time: str
    quantity: str
    has_refunds: bool
    items_say: bool
    deliveries: bool

    @classmethod
    def drawn(cls, draw: random.Random) -> "Dialect":
        """Draw one; code page 437 has no sign of a currency."""
        encoding = draw.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp437"])
        prices = ["plain", "thousands", "comma", "points", "currency", "apostrophe"]
        return cls(
            encoding,
            draw.choice(["\n", "\r\n", "mixed"]),
            draw.choice(["csv", "csv", "csv", "parquet"]),
            draw.choice(prices[:4] if encoding == "cp437" else prices),
            draw.choice(["utc", "z", "offset", "named", "d/m/y", "m/d/y", "dotted"]),
            draw.choice(["", "quantity", "qty", "Lineitem quantity"]),
            draw.random() < 0.5,
            draw.random() < 0.6,
            draw.random() < 0.4,
        )

    def amount(self, value: Decimal) -> str:
        """Write an amount."""
        swapped = str.maketrans(",.", ".,")
        return {
            "plain": lambda: f"{value}",
            "thousands": lambda: f"{value:,}",
            "comma": lambda: f"{value}".translate(swapped),
            "points": lambda: f"{value:,}".translate(swapped),
            "currency": lambda: f"€ {value:,}",
            "apostrophe": lambda: f"CHF {value:,}".replace(",", "’"),
        }[self.price]()

    def moment(self, at: datetime, draw: random.Random) -> str:
        """Write a moment, which is whole minutes of UTC."""
        if self.time == "offset":
            zone = timezone(timedelta(minutes=draw.choice([-570, -60, 0, 120, 345])))
            return at.astimezone(zone).isoformat(" ")
        if self.time == "named":
            zone = draw.choice(["Europe/Berlin", "America/New_York", "Asia/Kolkata"])
            return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S} {zone}"
        return {
            "utc": f"{at:%Y-%m-%d %H:%M:%S} UTC",
            "z": f"{at:%Y-%m-%dT%H:%M:%S}Z",
            "d/m/y": f"{at.day}/{at.month}/{at:%Y %H:%M}",
            "m/d/y": f"{at.month}/{at.day}/{at:%Y %I:%M %p}",
            "dotted": f"{at:%d.%m.%Y %H:%M}",
        }[self.time]


@dataclass
class Shop:
    """Rows of a shop as typed values, and what is wrong with some.

    Attributes
    ----------
    users, orders, items : list of dict
    dropped : Counter of (str, str)
        Rows that count nowhere, by table and reason.
    lost : Counter of (str, str)
        What they come to.
    """

    users: list[dict] = field(default_factory=list)
    orders: list[dict] = field(default_factory=list)
    items: list[dict] = field(default_factory=list)
    dropped: Counter = field(default_factory=Counter)
    lost: Counter = field(default_factory=Counter)

    def drop(self, table: str, reason: str, row: dict) -> None:
        """Note a row that counts nowhere."""
        self.dropped[table, reason] += 1
        if table == "order_items" and row["price"] is not None:
            self.lost[table, reason] += row["price"]

    def add_order(self, user: object, at: object, status: str, fate: str = "kept") -> dict:
        """Add an order, which counts or does not."""
        order = {"id": 1001 + len(self.orders), "user": user, "at": at, "status": status}
        order["fate"] = fate
        self.orders.append(order)
        if fate != "kept":
            self.drop("orders", fate, order)
        return order

    def add_item(self, order: dict, **told: object) -> dict:
        """Add a line of an order; `price` is that of all pieces, None where nobody can read it."""
        item = {"id": 50_001 + len(self.items), "order": order["id"], "user": order["user"]}
        item |= {"status": "", "quantity": 1, "refund": Decimal(0), "arrived": None}
        item |= told | {"at": order["at"], "meaning": MEANINGS[told.get("status", "")]}
        item["meaning"] = item["meaning"] or MEANINGS[order["status"]]
        fate = "order dropped" if order["fate"] != "kept" else "kept"
        fate = "orphan" if order["id"] >= GONE else fate
        item["fate"] = "bad price" if fate == "kept" and item["price"] is None else fate
        if item["fate"] != "kept":
            self.drop("order_items", item["fate"], item)
        self.items.append(item)
        return item


BRANDS = ["Bärbel", "Boot", "Coat", None]


def random_shop(draw: random.Random, dialect: Dialect) -> Shop:
    """Make a shop of some 30 customers, some rows of which count nowhere."""
    shop, first = Shop(), datetime(2024, 1, 2, tzinfo=UTC)
    for user in range(1, draw.randint(25, 40)):
        shop.users.append({"id": user, "country": draw.choice(COUNTRIES)})
        for _ in range(draw.randint(0, 6)):
            whose, fate = owner(user, draw)
            at = first + timedelta(minutes=draw.randrange(150 * 24 * 60))
            at = None if fate == "no date" else at
            status = draw.choice(draw.choice([*STATUSES.values(), [""], ["paid"]]))
            order = shop.add_order(whose, at, status, fate)
            for _ in range(draw.randint(0, 4)):
                add_line(shop, order, draw, dialect)
    for _ in range(draw.randint(0, 5)):
        order = {"id": GONE + draw.randrange(99), "user": None, "at": first, "status": ""}
        add_line(shop, order | {"fate": "kept"}, draw, dialect)
    add_credit_notes(shop, draw, dialect)
    return shop


def owner(user: int, draw: random.Random) -> tuple[object, str]:
    """Return whose an order is, and whether it counts."""
    chance = draw.random()
    if chance < 0.06:
        return draw.choice(NOBODY), "without customer"
    if chance < 0.1:
        return GONE + user, "orphan"
    return user, "no date" if chance < 0.12 else "kept"


def add_line(shop: Shop, order: dict, draw: random.Random, dialect: Dialect) -> None:
    quantity = draw.choice([1, 1, 2, 3, 12]) if dialect.quantity else 1
    price = (
        quantity * Decimal(draw.choice([draw.randint(1, 999), draw.randint(100, 300_000)])) / 100
    )
    refund = Decimal(0)
    if dialect.has_refunds and draw.random() < 0.2:
        refund = draw.choice([price, (price / 3).quantize(CENT), CENT])
    status = ""
    if dialect.items_say and draw.random() < 0.4:
        status = draw.choice(draw.choice(list(STATUSES.values())))
    arrived = None
    if dialect.deliveries and order["at"] and draw.random() < 0.6:
        arrived = order["at"] + timedelta(days=draw.randint(1, 30))
    is_bad = draw.random() < 0.02
    shop.add_item(
        order,
        product=1 + draw.randrange(8),
        quantity=quantity,
        price=None if is_bad else price,
        refund=Decimal(0) if is_bad else refund,
        status=status,
        arrived=arrived,
    )


def add_credit_notes(shop: Shop, draw: random.Random, dialect: Dialect) -> None:
    """Take back lines, in whole or in part, each of a product that is bought once."""
    by_id = {order["id"]: order for order in shop.orders}
    bought = [
        item
        for item in shop.items
        if item["fate"] == "kept"
        and item["meaning"] not in ("cancelled", "returned")
        and not item["refund"]
        and item["price"] > CENT
    ]
    for number, item in enumerate(draw.sample(bought, min(len(bought), draw.randint(0, 8)))):
        item["product"] = 100 + number
        pieces = draw.randint(1, item["quantity"])
        part = item["price"] * pieces / item["quantity"]
        if not dialect.quantity:
            part = draw.choice([item["price"], (item["price"] / 2).quantize(CENT)])
        order = by_id[item["order"]]
        if draw.random() < 0.6:
            later = order["at"] + timedelta(days=draw.randint(1, 9))
            order = shop.add_order(order["user"], later, "")
            order["is_note"] = True
        note = shop.add_item(
            order, product=item["product"], quantity=pieces, price=part, status="paid"
        )
        note["is_note"] = True
        note["sign"] = draw.choice(["price", "quantity", "both"] if dialect.quantity else ["price"])
        item |= {"credit": part, "credited_pieces": pieces if dialect.quantity else 0}
        item["is_credited"] = part == item["price"]


# --- what is right ---


def expected(shop: Shop) -> list[tuple]:
    """Return the features of every customer with an order, by plain arithmetic."""
    told = any(
        item["meaning"] == "delivered" or item["arrived"]
        for item in shop.items
        if item["fate"] == "kept"
    )
    kept_orders = [order for order in shop.orders if order["fate"] == "kept"]
    as_of = max(order["at"] for order in kept_orders).date()
    lines = [
        figures_of(item, told, as_of)
        for item in shop.items
        if item["fate"] == "kept" and "is_note" not in item
    ]
    orders = pd.DataFrame(order for order in kept_orders if "is_note" not in order)
    items = pd.DataFrame(lines, columns=list(lines[0]) if lines else [])
    countries = {user["id"]: user["country"] for user in shop.users}
    rows = []
    for user, own in orders.groupby("user"):
        mine = items[items["user"] == user]
        days = [(as_of - at.date()).days for at in own["at"]]
        kept = mine[mine["is_kept"]]
        spend = sum(kept["net"], Decimal(0))
        count = kept["order"].nunique()
        pieces, delivered, returned, cancelled = (
            int(mine[name].sum()) for name in ("pieces", "delivered", "returned", "cancelled")
        )
        brands = mine[mine["brand"].notna()].groupby("brand")
        ranked = sorted((-own["pieces"].sum(), -sum(own["net"]), name) for name, own in brands)
        rows.append(
            (
                *(user, countries[user], len(own), count, pieces, delivered, returned, cancelled),
                spend,
                (spend / count).quantize(CENT, ROUND_HALF_UP) if count else None,
                returned / delivered if delivered else None,
                cancelled / pieces if pieces else None,
                *(min(days), max(days)),
                ranked[0][2] if ranked else "(missing)",
                len(brands),
            )
        )
    return rows


def figures_of(item: dict, told: bool, as_of) -> dict:
    """Return what a line counts for."""
    meaning, pieces, price = item["meaning"], item["quantity"], item["price"]
    is_cancelled = meaning == "cancelled"
    refund = item["refund"] + item.get("credit", 0)
    is_back = meaning == "returned" or item["refund"] >= price > 0
    is_back = is_back or item.get("is_credited", False)
    is_back = is_back and not is_cancelled
    returned = 0 if is_cancelled else pieces if is_back else item.get("credited_pieces", 0)
    arrived = item["arrived"]
    had_arrived = meaning in ("delivered", "returned") or arrived is not None or not told
    had_arrived = had_arrived and (arrived is None or arrived.date() <= as_of)
    is_delivered = not is_cancelled and (is_back or returned > 0 or had_arrived)
    return {
        "user": item["user"],
        "order": item["order"],
        "brand": brand_of(item["product"]),
        "pieces": pieces,
        "returned": returned,
        "cancelled": pieces if is_cancelled else 0,
        "delivered": pieces if is_delivered else 0,
        "net": price if is_cancelled or is_back else price - min(refund, price),
        "is_kept": not is_cancelled and not is_back,
    }


def brand_of(product: int) -> str | None:
    return BRANDS[product % len(BRANDS)]


# --- how it is written ---


def write(shop: Shop, dialect: Dialect, folder: Path, draw: random.Random) -> None:
    """Write the files, some rows twice and in another spelling, all in a random order."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    products = {item["product"] for item in shop.items}
    tables = {
        "users": (shop.users, lambda user: user),
        "orders": (shop.orders, lambda order: order_row(order, dialect, draw)),
        "order_items": (shop.items, lambda item: item_row(item, dialect, draw)),
        "products": (
            [{"id": number, "brand": brand_of(number) or ""} for number in sorted(products)],
            lambda product: product,
        ),
    }
    for name, (rows, spell) in tables.items():
        written = [spell(row) for row in rows]
        if name != "products":
            for row in draw.sample(rows, min(len(rows), draw.randint(0, 3))):
                written.append(spell(row))
                shop.dropped[name, "exact duplicate"] += 1
                if name == "order_items" and row["price"] is not None:
                    signed = -row["price"] if "is_note" in row else row["price"]
                    shop.lost[name, "exact duplicate"] += signed
        draw.shuffle(written)
        write_table(written, dialect, folder / f"{name}.{dialect.kind}")


def order_row(order: dict, dialect: Dialect, draw: random.Random) -> dict:
    user = order["user"]
    spelled = draw.choice([f"{user}", f"{user}.0", f" {user}"]) if isinstance(user, int) else user
    at = "" if order["at"] is None else dialect.moment(order["at"], draw)
    return {
        "order_id": order["id"],
        "user_id": spelled,
        "status": order["status"],
        "created_at": at,
    }


def item_row(item: dict, dialect: Dialect, draw: random.Random) -> dict:
    price, quantity = item["price"], item["quantity"]
    sign = item.get("sign", "")
    row = {"id": item["id"], "order_id": item["order"], "product_id": item["product"]}
    if dialect.items_say or "is_note" in item:
        row["status"] = item["status"]
    else:
        row["status"] = ""
    each = None if price is None else price / quantity * (-1 if sign in ("price", "both") else 1)
    row["sale_price"] = "gratis" if each is None else dialect.amount(each.quantize(CENT))
    if dialect.quantity:
        row[dialect.quantity] = -quantity if sign in ("quantity", "both") else quantity
    if dialect.has_refunds:
        row["refunded_amount"] = dialect.amount(item["refund"]) if item["refund"] else ""
    if dialect.deliveries:
        row["delivered_at"] = dialect.moment(item["arrived"], draw) if item["arrived"] else ""
    return row


def write_table(rows: list[dict], dialect: Dialect, path: Path) -> None:
    if dialect.kind == "parquet":
        pd.DataFrame(rows).astype(str).to_parquet(path)
        return
    lines = []
    for row in [dict(zip(rows[0], rows[0], strict=True)), *rows]:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(row.values())
        lines.append(line.getvalue())
    ends = ["\n" if dialect.ends == "mixed" and n % 2 else dialect.ends for n in range(len(lines))]
    ends = ["\r\n" if end == "mixed" else end for end in ends]
    text = "".join(map("".join, zip(lines, ends, strict=True)))
    path.write_bytes(text.encode(dialect.encoding))


# --- the test ---

BUILD = ("--select", "+customer_features", "+data_quality", "+dropped_rows")


@pytest.fixture(scope="module")
def shop_project(make_project):
    return make_project("random_shops")


@pytest.mark.parametrize(
    "seed",
    [*range(4), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(4, 60))],
)
def test_a_random_shop_has_the_figures_of_plain_arithmetic(shop_project, seed):
    draw = random.Random(seed)
    dialect = Dialect.drawn(draw)
    shop = random_shop(draw, dialect)
    write(shop, dialect, shop_project.folder / "raw", draw)
    shop_project.build(*BUILD, raw_path=shop_project.folder / "raw", variables={"products": False})
    found = shop_project.query(f"select {', '.join(FEATURES)} from customer_features order by 1")
    right = expected(shop)
    wrong = [
        (dialect, dict(zip(FEATURES, pair, strict=True)))
        for one, other in zip(found, right, strict=False)
        if one != other
        for pair in [zip(one, other, strict=True)]
    ]
    assert not wrong and len(found) == len(right)
    told = shop_project.query(
        "select table_name, check_name, rows, money from data_quality "
        "where action = 'dropped' and rows > 0"
    )
    assert {(table, check): rows for table, check, rows, _ in told} == dict(shop.dropped)
    money = {
        (table, check): money
        for table, check, _, money in told
        if table == "order_items" and check != "bad price"
    }
    assert money == {key: shop.lost[key] for key in money} and len(money) == sum(
        table == "order_items" and check != "bad price" for table, check in shop.dropped
    )
