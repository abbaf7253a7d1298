"""Made-up exports of shop systems in their documented columns, and what is right about them.

Each function writes the files of one export and returns a frame of customers (index: key) with
their net spend, orders, items and returned items, computed here from the rows and not from the
files.
"""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

PEOPLE = 260
PRODUCTS = 30
FIRST_DAY = pd.Timestamp("2024-01-05 09:30:00")
FIGURES = ["spend", "orders", "items", "returned"]


def hashed(email: str) -> str:
    """Return the key that an e-mail address becomes."""
    return hashlib.md5(email.strip().lower().encode()).hexdigest()


def purchases(seed: int) -> pd.DataFrame:
    """Draw lines of orders: customer, order, time, product, pieces, price of a piece in cents."""
    draw = np.random.default_rng(seed)
    rows = []
    order = 536_365
    for customer in range(12_346, 12_346 + PEOPLE):
        for _ in range(1 + draw.poisson(2 + customer % 3)):
            order += 1
            time = FIRST_DAY + pd.Timedelta(minutes=int(draw.integers(330 * 24 * 60)))
            for product in draw.choice(PRODUCTS, size=draw.integers(1, 5), replace=False):
                pieces = int(draw.integers(1, 13))
                rows.append(
                    (
                        customer,
                        order,
                        time,
                        int(product),
                        pieces,
                        85 + 40 * int(product) + 5 * (order % 3),
                    )
                )
    columns = ["customer", "order", "time", "product", "pieces", "price"]
    return pd.DataFrame(rows, columns=columns)


def figures(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of each customer of lines with what came back and what was off, in cents.

    `back` are pieces that came back, `off` is money given back, `void` lines count for nothing.
    """
    live = lines[~lines["void"]]
    by = live.groupby("customer")
    net = (live["pieces"] * live["price"] - live["off"]).groupby(live["customer"]).sum()
    found = pd.DataFrame(
        {
            "spend": net / 100,
            "orders": lines.groupby("customer")["order"].nunique(),
            "items": lines.groupby("customer")["pieces"].sum(),
            "returned": by["back"].sum(),
        }
    ).fillna(0)
    found.index = found.index.astype(str)
    return found.sort_index()


def write_invoices(folder: Path, seed: int = 1) -> pd.DataFrame:
    """Write an invoice table: cancelled invoices begin with C, a quarter of lines name nobody."""
    draw = np.random.default_rng(seed)
    lines = purchases(seed).assign(back=0, off=0, void=False)
    credited = lines[draw.random(len(lines)) < 0.08].copy()
    lines.loc[credited.index, "back"] = [
        int(draw.integers(1, pieces + 1)) for pieces in credited["pieces"]
    ]
    lines["off"] = lines["back"] * lines["price"]
    credited["pieces"] = -lines.loc[credited.index, "back"]
    credited["time"] += pd.Timedelta(days=2)
    numbers = {
        order: f"C{600_000 + place}" for place, order in enumerate(credited["order"].unique())
    }
    written = pd.concat([lines, credited], ignore_index=True)
    invoice = written["order"].astype(str)
    invoice[len(lines) :] = credited["order"].map(numbers).to_numpy()
    # The guests' lines are copies of others under numbers of their own.
    guests = lines.sample(len(written) // 3, random_state=seed)
    table = pd.DataFrame(
        {
            "InvoiceNo": [*invoice, *(f"7{order}" for order in guests["order"])],
            "StockCode": [
                f"P{product:03}" for product in [*written["product"], *guests["product"]]
            ],
            "Description": [
                f'THING "{product}", LARGE' for product in [*written["product"], *guests["product"]]
            ],
            "Quantity": [*written["pieces"], *guests["pieces"]],
            "InvoiceDate": [
                f"{time.month}/{time.day}/{time.year} {time.hour}:{time.minute:02}"
                for time in [*written["time"], *guests["time"]]
            ],
            "UnitPrice": [f"{price / 100:g}" for price in [*written["price"], *guests["price"]]],
            "CustomerID": [
                *(f"{customer}.0" for customer in written["customer"]),
                *[""] * len(guests),
            ],
            "Country": "United Kingdom",
        }
    )
    table.sample(frac=1, random_state=seed).to_csv(folder / "invoices.csv", index=False)
    return figures(lines)


def write_shopify(folder: Path, seed: int = 2) -> pd.DataFrame:
    """Write Shopify's orders export: what is said of an order stands in its first line."""
    draw = np.random.default_rng(seed)
    lines = purchases(seed).assign(back=0, off=0, void=False)
    rows, fates = [], {}
    for order, of_order in lines.groupby("order", sort=True):
        gross = int((of_order["pieces"] * of_order["price"]).sum())
        subtotal = gross - int(draw.integers(0, gross // 5)) * int(draw.random() < 0.3)
        total = subtotal + 490
        fate = draw.choice(
            ["paid", "refunded", "voided", "partially_refunded"], p=[0.8, 0.08, 0.04, 0.08]
        )
        refunded = {"refunded": total, "partially_refunded": total // 3}.get(fate, 0)
        fates[order] = (fate, subtotal, refunded / total)
        first = of_order.iloc[0]
        for place, line in enumerate(of_order.itertuples()):
            head = {
                "Financial Status": fate,
                "Currency": "EUR",
                "Subtotal": f"{subtotal / 100:.2f}",
                "Shipping": "4.90",
                "Taxes": "0.00",
                "Total": f"{total / 100:.2f}",
                "Refunded Amount": f"{refunded / 100:.2f}",
                "Billing Country": "DE",
                "Cancelled at": f"{first.time:%Y-%m-%d %H:%M:%S} +0100" if fate == "voided" else "",
            }
            rows.append(
                {"Name": f"#{order}", "Email": f"Buyer{line.customer}@example.org"}
                | (head if place == 0 else dict.fromkeys(head, ""))
                | {
                    "Created at": f"{first.time:%Y-%m-%d %H:%M:%S} +0100",
                    "Lineitem quantity": line.pieces,
                    "Lineitem name": f"Thing {line.product}",
                    "Lineitem price": f"{line.price / 100:.2f}",
                    "Lineitem sku": f"T-{line.product}" if line.product % 2 else "",
                    "Lineitem discount": "0.00",
                    "Vendor": "Maker",
                    "Id": order if place == 0 else "",
                }
            )
    pd.DataFrame(rows).to_csv(folder / "orders_export.csv", index=False)
    found = figures(lines)
    spend = {}
    for order, (fate, subtotal, part) in fates.items():
        customer = str(lines.loc[lines["order"] == order, "customer"].iloc[0])
        kept = 0 if fate in ("voided", "refunded") else subtotal * (1 - part)
        spend[customer] = spend.get(customer, 0) + kept / 100
    found["spend"] = pd.Series(spend)
    refunded = lines["order"].map(lambda order: fates[order][0]) == "refunded"
    found["returned"] = (
        lines[refunded].groupby(lines["customer"].astype(str))["pieces"].sum()
    ).reindex(found.index, fill_value=0)
    found.index = [hashed(f"buyer{customer}@example.org") for customer in found.index]
    return found.sort_index()


def write_woocommerce(folder: Path, seed: int = 3) -> pd.DataFrame:
    """Write WooCommerce's orders export with a row per item; refunds name items, or none."""
    draw = np.random.default_rng(seed)
    lines = purchases(seed).assign(back=0, off=0, void=False)
    some = draw.random(len(lines)) < 0.06
    lines.loc[some, "back"] = [int(draw.integers(1, p + 1)) for p in lines.loc[some, "pieces"]]
    lines["off"] = lines["back"] * lines["price"]
    status = lines["order"].map(
        lambda order: "cancelled" if order % 17 == 0 else "completed" if order % 3 else "processing"
    )
    lines["void"] = status == "cancelled"
    lines.loc[lines["void"], ["back", "off"]] = 0
    named = lines.groupby("order")["off"].transform("sum") > 0
    total = (lines["pieces"] * lines["price"]).groupby(lines["order"]).transform("sum")
    # Halves that are whole cents.
    is_even = (lines["pieces"] * lines["price"] % 2 == 0).groupby(lines["order"]).transform("all")
    halved = (lines["order"] % 3 == 0) & is_even & ~named & ~lines["void"]
    table = pd.DataFrame(
        {
            "order_id": lines["order"],
            "order_number": "W-" + lines["order"].astype(str),
            "date": lines["time"].dt.strftime("%Y-%m-%d %H:%M:%S"),
            "status": status,
            "order_total": (total / 100).map("{:.2f}".format),
            "refunded_total": (total / 200).where(halved, 0),
            "order_currency": "USD",
            "customer_id": 0,
            "billing_email": "b" + lines["customer"].astype(str) + "@example.org",
            "billing_country": "US",
            "item_product_id": lines["product"] + 100,
            "item_name": "Thing " + lines["product"].astype(str),
            "item_sku": "",
            "item_quantity": lines["pieces"],
            "item_total": (lines["pieces"] * lines["price"] / 100).map("{:.2f}".format),
            "item_refunded": (-lines["off"] / 100).map("{:.2f}".format),
            "item_refunded_qty": -lines["back"],
        }
    )
    table.to_csv(folder / "orders-export.csv", index=False)
    amount = lines["pieces"] * lines["price"]
    lines.loc[halved, "off"] = amount[halved] // 2
    found = figures(lines)
    # What is still processed has not arrived, but for pieces that came back.
    found.index = [hashed(f"b{customer}@example.org") for customer in found.index]
    return found.sort_index()


def write_magento(folder: Path, seed: int = 4) -> pd.DataFrame:
    """Write Magento's two tables; a configurable product has its variant as a second row."""
    draw = np.random.default_rng(seed)
    lines = purchases(seed).assign(back=0, off=0, void=False)
    some = draw.random(len(lines)) < 0.06
    lines.loc[some, "back"] = [int(draw.integers(1, p + 1)) for p in lines.loc[some, "pieces"]]
    lines["off"] = lines["back"] * lines["price"]
    lines["void"] = ~some & (draw.random(len(lines)) < 0.03)
    orders = lines.drop_duplicates("order")
    pd.DataFrame(
        {
            "entity_id": orders["order"],
            "increment_id": "00" + orders["order"].astype(str),
            "state": "complete",
            "status": "complete",
            "customer_id": orders["customer"],
            "customer_email": "m" + orders["customer"].astype(str) + "@example.org",
            "base_currency_code": "GBP",
            "created_at": orders["time"].dt.strftime("%Y-%m-%d %H:%M:%S"),
        }
    ).to_csv(folder / "sales_order.csv", index=False)
    rows = []
    for number, line in enumerate(lines.itertuples(), start=1):
        item = {
            "item_id": 2 * number,
            "order_id": line.order,
            "parent_item_id": "",
            "product_id": line.product,
            "sku": f"S{line.product}",
            "name": f"Thing {line.product}",
            "qty_ordered": f"{line.pieces}.0000",
            "qty_canceled": f"{line.pieces if line.void else 0}.0000",
            "qty_refunded": f"{line.back}.0000",
            "base_row_total": f"{line.pieces * line.price / 100:.4f}",
            "base_discount_amount": "0.0000",
            "base_amount_refunded": f"{line.off / 100:.4f}",
            "base_discount_refunded": "0.0000",
            "base_cost": "0.1000",
        }
        rows.append(item)
        if line.product % 2:
            variant = {"item_id": 2 * number + 1, "parent_item_id": 2 * number}
            rows.append(item | variant | {"base_row_total": "0.0000", "base_amount_refunded": "0"})
    pd.DataFrame(rows).to_csv(folder / "sales_order_item.csv", index=False)
    return figures(lines)


def write_stripe(folder: Path, seed: int = 5) -> pd.DataFrame:
    """Write Stripe's payments: paid, refunded in part or whole, failed; two currencies."""
    draw = np.random.default_rng(seed)
    lines = purchases(seed).drop_duplicates("order").assign(back=0, off=0, void=False)
    fate = draw.choice(
        ["Paid", "Refunded", "Partial", "Failed"], p=[0.75, 0.1, 0.1, 0.05], size=len(lines)
    )
    lines["pieces"] = 1
    lines["price"] *= 2
    lines["void"] = fate == "Failed"
    lines.loc[fate == "Refunded", "back"] = 1
    lines["off"] = lines["price"].where(
        fate == "Refunded", lines["price"] // 4 * (fate == "Partial")
    )
    foreign = lines["order"] % 5 == 0
    rate = np.where(foreign, 2, 1)
    table = pd.DataFrame(
        {
            "id": "ch_" + lines["order"].astype(str),
            "Created date (UTC)": lines["time"].dt.strftime("%Y-%m-%d %H:%M:%S"),
            "Amount": (lines["price"] / 100 / rate).map("{:.2f}".format),
            "Amount Refunded": (lines["off"] / 100 / rate).map("{:.4f}".format),
            "Currency": np.where(foreign, "gbp", "eur"),
            "Captured": "true",
            "Converted Amount": (lines["price"] / 100).map("{:.2f}".format),
            "Converted Amount Refunded": (lines["off"] / 100).map("{:.2f}".format),
            "Converted Currency": "eur",
            "Description": "Payment, of someone",
            "Status": np.where(fate == "Partial", "Paid", fate),
            "Customer ID": "cus_" + lines["customer"].astype(str),
            "Customer Email": "s" + lines["customer"].astype(str) + "@example.org",
        }
    )
    table.to_csv(folder / "unified_payments.csv", index=False)
    found = figures(lines)
    found.index = "cus_" + found.index
    return found.sort_index()
