"""What the shop's features cannot be together, and what follows from them, by their definitions.

Three orders of one item, seven brands of one item: such values are placed like any others, and the
note says what does not fit. The rules are those that the contract of the table of features tests;
one is stricter: an order without an item, which a shop's data may hold, is nothing to ask about.

Who knows the spend and the number of orders need not say what an order was worth: it follows.
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


@dataclass(frozen=True)
class Quotient:
    """A feature that is one feature divided by another, to the cent.

    Attributes
    ----------
    name, whole, count : str
        The feature, what is divided, and by what.
    otherwise : str
        What the count is taken to be where nobody says it.
    """

    name: str
    whole: str
    count: str
    otherwise: str

    @property
    def names(self) -> tuple[str, ...]:
        """The features it speaks of."""
        return (self.name, self.whole, self.count, self.otherwise)

    def derived(self, values: dict[str, float]) -> dict[str, float]:
        """Return what follows from values by feature: the count if absent, then the quotient."""
        found = {}
        if values.keys() & {self.name, self.whole} and self.count not in values:
            found = {self.count: values[self.otherwise]} if self.otherwise in values else {}
        count = (values | found).get(self.count, 0)
        if self.name not in values and self.whole in values and count > 0:
            found[self.name] = round(values[self.whole] / count + SLACK, 2)
        return found

    def told(self, found: dict[str, float], values: dict[str, float]) -> list[str]:
        """Return in words how what was found follows from values by feature."""
        told = []
        if self.count in found:
            told.append(f"{self.count} is {found[self.count]:.10g}, as {self.otherwise}")
        if self.name in found:
            count = (values | found)[self.count]
            told.append(
                f"{self.name} is {found[self.name]:.10g}: {self.whole} {values[self.whole]:.10g} "
                f"divided by {self.count} {count:.10g}"
            )
        return told

    def broken(self, values: Mapping[str, float]) -> str | None:
        """Return what does not fit among values by feature, None if all does or one is absent."""
        if not values.keys() >= {self.name, self.whole, self.count} or not values[self.count] > 0:
            return None
        right = values[self.whole] / values[self.count]
        if abs(values[self.name] - right) <= CENT + SLACK * abs(right):
            return None
        return (
            f"{self.name} {values[self.name]:.10g} does not fit {self.whole} "
            f"{values[self.whole]:.10g} and {self.count} {values[self.count]:.10g}, "
            f"which make {right:.2f}"
        )


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


QUOTIENTS: dict[str, tuple[Quotient, ...]] = {
    "customer": (Quotient("average_order_value", "total_spend", "kept_orders", "total_orders"),),
}
"""By segmentation."""


def contradictions(
    row: Mapping[str, object],
    rules: tuple[Limit, ...],
    read: Callable[[object], float],
    quotients: tuple[Quotient, ...] = (),
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
    quotients : tuple of Quotient
        Likewise; of one that a rule speaks of already nothing is said.
    """
    known = _known(row, (*rules, *quotients), read)
    found = [told for rule in rules if (told := rule.broken(known))]
    said = {name for rule in rules if rule.broken(known) for name in rule.names}
    return found + [
        told for one in quotients if one.name not in said and (told := one.broken(known))
    ]


def completed(
    row: Mapping[str, object], quotients: tuple[Quotient, ...], read: Callable[[object], float]
) -> tuple[dict[str, object], list[str]]:
    """Return a row with what follows from its values, and that in words.

    Parameters
    ----------
    row, quotients, read
        As for `contradictions`.
    """
    full, told = dict(row), []
    for one in quotients:
        known = _known(full, (one,), read)
        found = one.derived(known)
        full |= found
        told += one.told(found, known)
    return full, told


def _known(
    row: Mapping[str, object], rules: tuple[Limit | Quotient, ...], read: Callable[[object], float]
) -> dict[str, float]:
    names = {name for rule in rules for name in rule.names} & row.keys()
    values = {name: read(row[name]) for name in names}
    return {name: value for name, value in values.items() if value == value}
