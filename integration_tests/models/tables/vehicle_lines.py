"""The order lines of a shop of model vehicles."""

import pandas as pd

COLUMNS = {
    "ORDERNUMBER": "order_number",
    "ORDERDATE": "order_date",
    "CUSTOMERNAME": "customer_name",
    "COUNTRY": "country",
    "TERRITORY": "territory",
    "PRODUCTLINE": "product_line",
    "PRODUCTCODE": "product_code",
    "DEALSIZE": "deal_size",
    "QUANTITYORDERED": "units",
    "PRICEEACH": "price",
    "MSRP": "list_price",
    "SALES": "sales",
}


def model(dbt, session):
    """Read order lines: code page 437, which DuckDB cannot read, and NA for North America."""
    dbt.config(materialized="table")
    lines = pd.read_csv(
        dbt.config.meta_get("path"),
        encoding="cp437",
        keep_default_na=False,
        na_values={"PRICEEACH": "", "MSRP": "", "SALES": ""},
        usecols=list(COLUMNS),
    )
    lines["ORDERDATE"] = pd.to_datetime(lines["ORDERDATE"], format="%m/%d/%y").dt.date
    return lines.rename(columns=COLUMNS)
