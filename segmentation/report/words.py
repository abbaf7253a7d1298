"""How features and numbers are written for people."""

import math
import re
from collections.abc import Callable

import pandas as pd

from segmentation.diagnosis.wording import listed

LABELS = {
    "total_orders": "Orders",
    "total_items": "Items",
    "total_spend": "Total spend",
    "margin_to_date": "Margin to date",
    "average_order_value": "Order value",
    "distinct_brands": "Brands",
    "distinct_categories": "Categories",
    "most_frequent_brand": "Favourite brand",
    "most_frequent_category": "Favourite category",
    "days_since_last_order": "Days since last order",
    "days_since_first_order": "Days since first order",
    "days_since_last_sale": "Days since last sale",
    "kmeans": "k-means",
    "minibatch_kmeans": "Mini-batch k-means",
    "bisecting_kmeans": "Bisecting k-means",
    "birch": "BIRCH",
    "hdbscan": "HDBSCAN",
    "dbscan": "DBSCAN",
    "(size and spread)": "Segment size and spread",
}
MONEY = re.compile(r"spend|revenue|value|margin$|margin_to_date|price$|cost")
SHARE = re.compile(r"(_rate|_share)$")
LEAST_EFFECT = 0.3
"""Standard deviations from the mean below which a difference is not worth a word."""
LONGEST = 1e15
"""Numbers from here on are written with an exponent: 1.0e300."""


def label(feature: str) -> str:
    """Return a feature's name for people: "Days since last order"."""
    if feature in LABELS:
        return LABELS[feature]
    text = feature.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with thousands separators and three or so digits; "–" if there is none."""
    if value is None or pd.isna(value):
        return "–"
    if abs(value) >= 100 or float(value).is_integer():
        digits = 0
    elif abs(value) >= 10:
        digits = min(digits, 1)
    return _written(value, digits)


def _written(value: float, digits: int) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    form = f".{digits}f" if abs(value) < LONGEST else ".1e"
    return f"{value:,{form}}".replace("e+", "e").replace("-", "−")


def percent(value: float | None, digits: int = 0) -> str:
    """Return a fraction as a percentage; small ones keep a digit, so that 0.4 % is not 0 %."""
    if value is None or pd.isna(value):
        return "–"
    digits = max(digits, 1) if 0 < abs(value) < 0.0995 else digits
    return f"{_written(100 * value, digits)} %"


def spaced(text: str) -> str:
    """Return a sentence with its percentages as the page writes them: 85 %."""
    return re.sub(r"(?<=\d)%", " %", text)


def of_feature(feature: str, value: float | None) -> str:
    """Return a value of a feature: shares as percentages, all else as numbers."""
    return percent(value) if SHARE.search(feature) else number(value)


def title_of(segmentation: str) -> str:
    """Return "Customer segments"."""
    return f"{segmentation.replace('_', ' ').capitalize()} segments"


def count_of(size: int, unit: str, units: str) -> str:
    """Return "1 customer", "5,295 customers"."""
    return f"{size:,} {unit if size == 1 else units}"


def segments_named(ids: list[str]) -> str:
    """Return "segment 1", "segments 1, 2 and 3"."""
    return f"segment{'' if len(ids) == 1 else 's'} {listed(ids)}"


def is_clear(profile: pd.DataFrame) -> pd.Series:
    """Return for each row of the profiles whether the interval of its effect leaves out 0."""
    return (profile["effect_low"] > 0) | (profile["effect_high"] < 0)


def between(low: float | None, high: float | None, form: Callable = number) -> str:
    """Return an interval: "0.8 to 1.3", "from 2.1" where it has no upper end, "–" if none."""
    if pd.isna(low):
        return "–"
    return f"from {form(low)}" if pd.isna(high) else f"{form(low)} to {form(high)}"
