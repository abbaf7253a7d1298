"""Write small made-up tables in the shape of the real ones, for whoever does not have those."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd


def wholesale(rng: np.random.Generator) -> pd.DataFrame:
    """120 customers of two kinds, whose spending is log-normal."""
    is_shop = rng.random(120) < 0.4
    means = np.where(is_shop[:, None], [8, 9, 9.3, 7, 8.2, 7], [9.2, 7.5, 7.7, 8, 5.5, 6.5])
    spending = np.exp(rng.normal(means, 0.6)).astype(int) + 1
    names = ["Fresh", "Milk", "Grocery", "Frozen", "Detergents_Paper", "Delicassen"]
    ids = {
        "CustomerID": np.arange(101, 221),
        "Channel": 1 + is_shop,
        "Region": rng.integers(1, 4, 120),
    }
    return pd.DataFrame(ids | dict(zip(names, spending.T, strict=True)))


def customers(rng: np.random.Generator) -> pd.DataFrame:
    """600 rows that repeat 12 different ones under 6 ids."""
    kinds = pd.DataFrame(
        {
            "customer_id": 1000660 + np.arange(12) % 6,
            "products_purchased": [1, 1, 1, 2, 2, 2, 3, 3, 3, 1, 2, 3],
            "complains": [0, 0, 1, 0, 1, 0, 2, 0, 1, 0, 0, 0],
            "money_spent": [110, 150, 130, 420, 450, 480, 800, 820, 870, 790.2, 260, 234.2],
        }
    )
    return kinds.iloc[rng.integers(0, 12, 600)]


def vehicle_lines(rng: np.random.Generator) -> pd.DataFrame:
    """400 order lines of 24 customers, one of them with an accent and one in territory NA."""
    customer = rng.integers(0, 24, 400)
    line = rng.integers(0, 7, 400)
    units, price = rng.integers(20, 50, 400), 40 + 15 * line + rng.integers(0, 20, 400)
    names = [f"Modèles {number:02d}, Cie" for number in range(24)]
    lines = ["Classic Cars", "Motorcycles", "Planes", "Ships", "Trains", "Trucks", "Vintage Cars"]
    days = pd.Timestamp("2003-01-06") + pd.to_timedelta(rng.integers(0, 800, 400), unit="D")
    return pd.DataFrame(
        {
            "ORDERNUMBER": 10100 + customer * 10 + rng.integers(0, 5, 400),
            "QUANTITYORDERED": units,
            "PRICEEACH": price,
            "SALES": units * price,
            "ORDERDATE": days.strftime("%m/%d/%y"),
            "PRODUCTLINE": [lines[number] for number in line],
            "MSRP": price + rng.integers(0, 25, 400),
            "PRODUCTCODE": [f"S{number}_{code}" for number, code in zip(line, units, strict=True)],
            "CUSTOMERNAME": [names[number] for number in customer],
            "COUNTRY": np.where(customer % 2, "USA", "France"),
            "TERRITORY": np.where(customer % 2, "NA", "EMEA"),
            "DEALSIZE": np.where(units * price > 4000, "Large", "Small"),
        }
    )


def write(folder: Path) -> None:
    """Write the three tables where the build looks for them."""
    rng = np.random.default_rng(0)
    tables = {
        "wholesale/wholesale.csv": (wholesale(rng), "utf-8"),
        "customers_24k/customers.csv": (customers(rng), "utf-8"),
        "vehicle_sales/sales_data_sample.csv": (vehicle_lines(rng), "cp437"),
    }
    for name, (table, encoding) in tables.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(folder / name, index=False, encoding=encoding)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    write(parser.parse_args().out)
