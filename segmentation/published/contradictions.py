"""What the shop's features cannot be together, because of what they are defined as.

Three orders of one item, seven brands of one item: such values are placed like any others, and the
note says what does not fit. The rules are those that the contract of the table of features tests;
one is stricter: an order without an item, which a shop's data may hold, is nothing to ask about.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

SLACK = 1e-9
CENT = 0.005


@dataclass(frozen=True)
class Limit:
    """A feature that cannot be above another one, or above the product of two.

    Attributes
    ----------
    lesser : str
        The feature.
    greater : tuple of str
        The other, or the two that are multiplied: an average, to the cent, and a count.
    reason : str
        Why, in words.
    """

    lesser: str
    greater: tuple[str, ...]
    reason: str

    @property
    def names(self) -> tuple[str, ...]:
        """The features it speaks of."""
        return (self.lesser, *self.greater)

    def broken(self, values: Mapping[str, float]) -> str | None:
        """Return what does not fit among values by feature, None if all does or one is absent."""
        if not values.keys() >= set(self.names):
            return None
        first, *count = (values[name] for name in self.greater)
        most = (first + CENT) * count[0] + CENT if count else first
        if values[self.lesser] <= most + SLACK * abs(most):
            return None
        lesser, *greater = (f"{name} {values[name]:.10g}" for name in self.names)
        return f"{lesser} does not fit {' and '.join(greater)}: {self.reason}"


RULES: dict[str, tuple[Limit, ...]] = {
    "customer": (
        Limit("total_orders", ("total_items",), "an order has an item at least"),
        Limit("distinct_brands", ("total_items",), "an item has one brand"),
        Limit("distinct_categories", ("total_items",), "an item has one category"),
        Limit("items_without_cost", ("total_items",), "they are among the items"),
        Limit("cancelled_items", ("total_items",), "they are among the items"),
        Limit("delivered_items", ("total_items",), "they are among the items"),
        Limit("kept_orders", ("total_orders",), "they are among the orders"),
        Limit(
            "days_since_last_order",
            ("days_since_first_order",),
            "the last order is not before the first",
        ),
        Limit("average_order_value", ("total_spend",), "it is a part of the spend, or all of it"),
        Limit(
            "total_spend", ("average_order_value", "kept_orders"), "together they are less than it"
        ),
    ),
    "product": (
        Limit("units", ("items",), "units are items that were kept"),
        Limit("orders", ("items",), "an order of a product has an item of it"),
        Limit("distinct_buyers", ("orders",), "a buyer has an order at least"),
        Limit("units_without_cost", ("units",), "they are among the units"),
    ),
}
"""By segmentation."""


def contradictions(
    row: Mapping[str, object], rules: tuple[Limit, ...], read: Callable[[object], float]
) -> list[str]:
    """Return in words what does not fit together in a row.

    Parameters
    ----------
    row : mapping of str to object
        Values by feature, as they came.
    rules : tuple of Limit
        Those of its segmentation.
    read : callable
        Makes a float of a value, NaN where it is missing or no number.
    """
    names = {name for rule in rules for name in rule.names} & row.keys()
    values = {name: read(row[name]) for name in names}
    known = {name: value for name, value in values.items() if value == value}
    return [told for rule in rules if (told := rule.broken(known))]
