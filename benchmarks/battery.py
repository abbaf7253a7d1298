"""How often the verdict and the rule for k are right, on simulated tables whose groups are known.

    python -m benchmarks.battery --seeds 10 --jobs 1
    python -m benchmarks.battery --seeds 2 --only cloud        # a minute
    python -m benchmarks.battery --seeds 7 --known-k
    python -m benchmarks.battery --seeds 10 --thelook FOLDER   # its statuses shuffled

Every table goes through the library's own chain: scaling, components, candidates, the rule for k,
k-means, verdict. Tables of events are judged against shuffled events as well. The bounds are those
of 95 %: Clopper and Pearson's above, where nothing was found, else Wilson's.
"""

import argparse
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.metrics import adjusted_rand_score

from benchmarks.battery_sets import SETS, Drawn, Orders, SimulatedSet, known_k_sets, order_features
from docs.tools.settings import settings_table
from segmentation.clustering.kmeans import fit_kmeans
from segmentation.clustering.threads import single_thread
from segmentation.diagnosis.pairs import CLEAR, TOUCHING
from segmentation.diagnosis.structure import (
    Structure,
    against_shuffled,
    evaluate_structure,
    permuted_columns,
    spread_ties,
)
from segmentation.features.pca import apply_pca, fit_pca
from segmentation.features.recipe import Feature, Recipe
from segmentation.features.scaling import apply_scaling, fit_scaling
from segmentation.selection.choice import choose_k

ROWS, KNOWN_K_ROWS = 2_000, 700
SHUFFLES = 3


@dataclass(frozen=True)
class Judged:
    """What the chain answers on one table.

    Attributes
    ----------
    k : int
    is_grid : bool
    grouping : str
    agreement : float
        Adjusted Rand index of the segments with the groups there are; NaN without any.
    best_agreement : float
        The same of k-means with the true number of groups.
    """

    k: int
    is_grid: bool
    grouping: str
    agreement: float
    best_agreement: float


def recipe_for(drawn: Drawn, seed: int, bootstraps: int) -> Recipe:
    """Return a recipe of all columns with the project's defaults."""
    defaults = {
        name: row["default"] for name, row in settings_table().items() if row["scope"] == "recipe"
    }
    features = tuple(
        Feature(f"column_{place}", "number", "log1p" if place in drawn.logged else "none")
        for place in range(drawn.values.shape[1])
    )
    fewer = {"bootstraps": bootstraps, "n_init": 5, "gap_references": 2}
    settings = defaults | {"seed": seed} | fewer
    return Recipe("battery", features, **settings)


def placed(
    values: np.ndarray, recipe: Recipe
) -> tuple[np.ndarray, np.ndarray, Callable[[int], np.ndarray]]:
    """Return the components of a table, those with its ties spread, and with columns shuffled."""
    frame = pd.DataFrame(values, columns=[feature.name for feature in recipe.features])
    scaling = fit_scaling(frame, recipe)
    scaled = apply_scaling(frame, scaling)
    loadings = fit_pca(scaled, scaling, recipe)

    def untied(features: np.ndarray) -> np.ndarray:
        return apply_pca(spread_ties(features, seed=recipe.seed), loadings)

    def permuted(draw: int) -> np.ndarray:
        return untied(permuted_columns(scaled, seed=draw))

    return apply_pca(scaled, loadings), untied(scaled), permuted


def verdict(values: np.ndarray, k: int, recipe: Recipe) -> tuple[Structure, np.ndarray]:
    """Segment a table by k and judge the segments."""
    components, untied, permuted = placed(values, recipe)
    labels = fit_kmeans(components, k, seed=recipe.seed).labels
    found = evaluate_structure(
        components, labels, seed=recipe.seed, untied=untied, permuted=permuted
    )
    return found, labels


@single_thread()
def judge(simulated: SimulatedSet, seed: int, rows: int, bootstraps: int) -> Judged:
    """Draw a table and send it through the chain."""
    drawn = simulated.draw(np.random.default_rng([rows, seed]), rows)
    recipe = recipe_for(drawn, seed, bootstraps)
    components, untied, _ = placed(drawn.values, recipe)
    chosen = choose_k(components, untied, recipe, with_extras=False).query("is_selected").iloc[0]
    k = int(chosen["k"])
    found, labels = verdict(drawn.values, k, recipe)
    if drawn.shuffled and found.grouping in (CLEAR, TOUCHING):
        others = [drawn.shuffled(np.random.default_rng([seed, one])) for one in range(SHUFFLES)]
        found = against_shuffled(found, [verdict(other, k, recipe)[0] for other in others])
    agreement = best = np.nan
    if drawn.groups is not None:
        agreement = adjusted_rand_score(drawn.groups, labels)
        told = fit_kmeans(components, simulated.k, seed=seed).labels
        best = adjusted_rand_score(drawn.groups, told)
    return Judged(k, bool(chosen["is_grid"]), found.grouping, agreement, best)


def thelook_orders(folder: Path) -> Orders:
    """Read theLook's orders: what each customer bought, whatever came of it."""
    query = """
        select
            dense_rank() over (order by orders.user_id) - 1 as customer,
            count(*) as items,
            sum(items.sale_price) as value,
            any_value(case orders.status when 'Cancelled' then 1 when 'Returned' then 2 else 0 end)
                as status,
            max(epoch(orders.created_at::timestamp)) / 86400 as day,
            list(products.brand) as brands,
            list(products.category) as categories
        from read_csv($orders) as orders
        inner join read_csv($items) as items using (order_id)
        inner join read_parquet($products) as products on items.product_id = products.id
        group by orders.order_id, orders.user_id
        order by customer, orders.order_id
    """
    files = {"orders": "orders.csv", "items": "order_items.csv", "products": "products.parquet"}
    with duckdb.connect() as connection:
        paths = {name: str(folder / file) for name, file in files.items()}
        orders = connection.execute(query, paths).df()
    by_customer = orders.groupby("customer")
    names = [
        by_customer[column].agg(lambda lists: len(set().union(*lists))).to_numpy()
        for column in ("brands", "categories")
    ]
    last = by_customer["day"].max().to_numpy()
    return Orders(
        orders["customer"].to_numpy(),
        orders["items"].to_numpy(),
        orders["value"].to_numpy(dtype=float),
        orders["status"].to_numpy(),
        np.floor(orders["day"].max() - last),
        np.column_stack(names),
    )


def thelook_set(folder: Path) -> SimulatedSet:
    """Return theLook with its statuses shuffled between all orders, as version 0.1 saw it."""
    orders = thelook_orders(folder)

    def draw(rng: np.random.Generator, rows: int) -> Drawn:
        status = rng.permutation(orders.status)

        def shuffled(other: np.random.Generator) -> np.ndarray:
            return order_features(orders, other.permutation(status))

        return Drawn(order_features(orders, status), tuple(range(7)), shuffled=shuffled)

    return SimulatedSet("theLook, statuses shuffled", "chance", draw)


def bounds(hits: int, draws: int) -> tuple[float, float]:
    """Return the interval of 95 % around a share: Wilson's, or Clopper and Pearson's at 0."""
    if hits == 0:
        return 0.0, 1 - 0.05 ** (1 / draws)
    z = norm.ppf(0.975)
    share, weight = hits / draws, z**2 / draws
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * np.sqrt(share * (1 - share) / draws + weight / draws / 4)
    return max(0.0, centre - half), min(1.0, centre + half)


def told(hits: Iterable[bool]) -> str:
    """Say a share as hits of draws with its interval."""
    hits = list(hits)
    low, high = bounds(sum(hits), len(hits))
    return f"{sum(hits):3d} of {len(hits):3d} ({low:.3f}–{high:.3f})"


def row_of(simulated: SimulatedSet, answers: list[Judged]) -> str:
    """Say in one line how a set came out."""
    ks = pd.Series([one.k for one in answers]).value_counts().sort_index()
    line = f"{simulated.name:48s} clear {told(one.grouping == CLEAR for one in answers)}"
    known = (CLEAR, TOUCHING)
    line += f"  at least recognisable {told(one.grouping in known for one in answers)}"
    if simulated.k:
        agreement = np.median([one.agreement for one in answers])
        best = np.median([one.best_agreement for one in answers])
        right = sum(one.k == simulated.k for one in answers)
        line += f"  k right {right:2d}  ARI {agreement:.2f} (k told: {best:.2f})"
    grids = sum(one.is_grid for one in answers)
    return f"{line}  grids {grids:2d}  k {dict(ks.items())}"


def totals(found: list[tuple[SimulatedSet, list[Judged]]]) -> list[str]:
    """Sum up the sets of a kind: false alarms, and k right for two groups and for more."""
    lines = []
    for kinds in (("cloud", "chance"), ("groups",)):
        answers = [one for each, answers in found if each.kind in kinds for one in answers]
        if answers:
            clear = told(one.grouping == CLEAR for one in answers)
            known = told(one.grouping in (CLEAR, TOUCHING) for one in answers)
            name = " and ".join(kinds)
            lines.append(f"{name}: clear {clear}, at least recognisable {known}")
    for name, low, high in (("k = 2", 2, 2), ("k from 3 up", 3, 10)):
        right = [
            one.k == each.k
            for each, answers in found
            if each.kind == "known k" and low <= each.k <= high
            for one in answers
        ]
        if right:
            lines.append(f"{name}: right {told(right)}")
    return lines


def main() -> None:
    """Print a line per set, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--rows", type=int, help="of each table")
    parser.add_argument("--bootstraps", type=int, default=5, help="refits per k")
    parser.add_argument("--only", default="", help="sets whose kind or name contains this")
    parser.add_argument("--known-k", action="store_true", help="the sets for the rule for k")
    parser.add_argument("--distance", type=float, default=4.0, help="of those sets' groups, in sd")
    parser.add_argument("--thelook", type=Path, help="folder of theLook's files")
    options = parser.parse_args()
    sets = known_k_sets(options.distance) if options.known_k else SETS
    sets = [thelook_set(options.thelook)] if options.thelook else sets
    rows = options.rows or (KNOWN_K_ROWS if options.known_k else ROWS)
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    found = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for each in sets:
            if options.only in each.name or options.only in each.kind:
                task = partial(_judge_named, options, each.name, rows, options.bootstraps)
                run = pool.map if options.jobs > 1 else map
                found.append((each, list(run(task, seeds))))
                print(row_of(*found[-1]), flush=True)
    print("\n".join(totals(found)))


def _judge_named(
    options: argparse.Namespace, name: str, rows: int, bootstraps: int, seed: int
) -> Judged:
    # A set is found anew by its name: what draws it cannot be sent to another process.
    sets = [*SETS, *known_k_sets(options.distance)]
    if options.thelook:
        sets = [thelook_set(options.thelook)]
    return judge(next(each for each in sets if each.name == name), seed, rows, bootstraps)


if __name__ == "__main__":
    main()
