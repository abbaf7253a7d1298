"""Do the groups outlive it when the statuses of orders change hands? Chance makes groups, too.

Of two orders none, one or both are returned, so features that hang on statuses have groups for a
reason of their own. Shuffled between the orders, the statuses belong to nobody. If the features
then fall into groups as clear, and these are of other customers, then such groups need no
customers who differ.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from segmentation.clustering.clusters import fit_labels
from segmentation.clustering.kmeans import count_distinct_rows, derived_seed
from segmentation.diagnosis.pairs import CLEAR, TOUCHING, VERDICTS
from segmentation.diagnosis.structure import MINIMUM_DEPTH, judge_borders, spread_ties, valley_depth
from segmentation.features.pca import apply_pca, fit_pca
from segmentation.features.recipe import Recipe
from segmentation.features.scaling import apply_scaling, fit_scaling

STATUSES = ["is_cancelled", "is_returned", "is_delivered"]
SHUFFLES = 3
SAME_CUSTOMERS = 0.8
"""Adjusted Rand index from which the groups of shuffled statuses are the same customers' groups."""


def status_features(items: pd.DataFrame) -> pd.DataFrame:
    """Count the features of customers that hang on the statuses of their orders.

    Parameters
    ----------
    items : DataFrame
        One row per ordered item: unit_id, order_id, sale_price, cost, is_cancelled, is_returned,
        is_delivered.

    Returns
    -------
    DataFrame
        By unit_id, ascending, the columns as in customer_features; NaN where it is null there.
    """
    kept = ~(items["is_cancelled"] | items["is_returned"])
    price, cost = (items[name].astype(float) for name in ("sale_price", "cost"))
    counted = pd.DataFrame(
        {
            "unit_id": items["unit_id"],
            "items": 1,
            "delivered_items": items["is_delivered"],
            "returned_items": items["is_returned"],
            "cancelled_items": items["is_cancelled"],
            "total_spend": price.where(kept, 0),
            "margin_to_date": (price - cost).where(kept, 0).fillna(0),
        }
    )
    found = counted.groupby("unit_id").sum().astype(float)
    orders = items.loc[kept].groupby("unit_id")["order_id"].nunique()
    found["kept_orders"] = orders.reindex(found.index).fillna(0).astype(float)
    found["average_order_value"] = found["total_spend"] / found["kept_orders"].where(
        lambda n: n > 0
    )
    arrived = found["delivered_items"].where(lambda n: n > 0)
    found["return_rate"] = found["returned_items"] / arrived
    found["cancellation_rate"] = found["cancelled_items"] / found["items"]
    return found.drop(columns="items")


def shuffled_statuses(items: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Let the orders of as many items exchange the statuses of their items.

    Parameters
    ----------
    items : DataFrame
        Sorted by order: order_id and the statuses.
    seed : int

    Returns
    -------
    DataFrame
        The items with other statuses.
    """
    rng = np.random.default_rng(seed)
    first = np.flatnonzero(~items["order_id"].duplicated().to_numpy())
    sizes = np.diff(np.r_[first, len(items)])
    source = np.arange(len(items))
    for size in np.unique(sizes):
        places = first[sizes == size][:, None] + np.arange(size)
        source[places.ravel()] = rng.permutation(places).ravel()
    return items.assign(**{name: items[name].to_numpy()[source] for name in STATUSES})


def count_as_clear(
    features: pd.DataFrame, items: pd.DataFrame, recipe: Recipe, k: int, grouping: str, groups: int
) -> int | None:
    """Count the shuffles of statuses that make groups as clear, of other customers.

    Parameters
    ----------
    features : DataFrame
        The customers' features by unit_id, sorted by key.
    items : DataFrame
        Their items, as `status_features` takes them.
    recipe : Recipe
    k : int
        Segments.
    grouping : str
        The verdict on the segments.
    groups : int
        How many groups the borders part; 1 where the density alone says that there are some.

    Returns
    -------
    int or None
        Of three shuffles; None where there are no groups to be asked about, or no feature of the
        recipe hangs on a status.
    """
    named = {feature.name for feature in recipe.features}
    named |= {feature.shrink_by for feature in recipe.features}
    features = features[features.index.isin(items["unit_id"])]
    items = items[items["unit_id"].isin(features.index)].sort_values(
        ["unit_id", "order_id", "order_item_id"], ignore_index=True
    )
    own = status_features(items)
    asked = [name for name in own if name in named and name in features]
    if grouping not in (CLEAR, TOUCHING) or not asked:
        return None
    known = _segmented(features, recipe, k)
    count = 0
    for draw in range(SHUFFLES):
        other = status_features(shuffled_statuses(items, seed=derived_seed(recipe.seed, 11, draw)))
        replaced = features.assign(**{name: other[name].reindex(features.index) for name in asked})
        found = _segmented(replaced, recipe, k)
        count += bool(known and found) and _is_as_clear(known, found, grouping, groups, recipe.seed)
    return count


_Segmented = tuple[pd.Series, np.ndarray, Callable[[], np.ndarray]]


def _segmented(features: pd.DataFrame, recipe: Recipe, k: int) -> _Segmented | None:
    """Return segments by unit, components, and how to spread the ties; None if too few differ."""
    scaling = fit_scaling(features, recipe)
    scaled = apply_scaling(features, scaling)
    known = ~np.isnan(scaled).any(axis=1)
    scaled = scaled[known]
    loadings = fit_pca(scaled, scaling, recipe)
    components = apply_pca(scaled, loadings)
    if count_distinct_rows(components) <= k:
        return None
    segments = pd.Series(fit_labels(components, k, recipe), index=features.index[known])
    return (
        segments,
        components,
        lambda: apply_pca(spread_ties(scaled, seed=recipe.seed), loadings),
    )


def _is_as_clear(
    known: _Segmented, found: _Segmented, grouping: str, groups: int, seed: int
) -> bool:
    segments, components, untie = found
    both = pd.concat([known[0], segments], axis=1, join="inner").to_numpy()
    if adjusted_rand_score(*both.T) >= SAME_CUSTOMERS:
        return False
    untied = untie()
    if groups == 1:
        return valley_depth(untied, seed=seed) >= MINIMUM_DEPTH
    _, parted = judge_borders(components, untied, segments.to_numpy(), seed=seed)
    as_strong = VERDICTS[: VERDICTS.index(grouping) + 1]
    return any(parted.get(verdict, 1) > 1 for verdict in as_strong)
