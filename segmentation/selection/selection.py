"""The written rule that chooses the number of segments, with a reason for every candidate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

SENSITIVITY = 1.0
NEAR = 0.15
"""How far below the best silhouette another one may be, as a share of it, to be near it."""
MINIMUM_PREDICTION = 0.7
PROVEN_PREDICTION, FINER_PREDICTION = 0.95, 0.9
"""From what on halves prove a number of clear groups, and what more segments need beside it."""
SLICE_ROWS = 10
"""Rows that a slice of a cloud must have; a group may be smaller."""
SLICE_STABILITY = 0.5
"""Below it a segment dissolves when others are drawn (Hennig 2007); slices need no more."""
LEAST_USEFUL_K = 3


def kneedle(ks: Sequence[int], inertias: Sequence[float]) -> int | None:
    """Return the elbow of a convex, decreasing curve, or None if it has none.

    Parameters
    ----------
    ks : sequence of int
        Numbers of clusters, ascending.
    inertias : sequence of float
        Inertia of each; NaN is left out.

    Returns
    -------
    int or None
        The first k where the normalised curve is a local maximum below the chord and then rises
        back by more than the mean step; None with fewer than three points or without such a k.

    Notes
    -----
    Satopaa, Albrecht, Irwin & Raghavan (2011), "Finding a 'Kneedle' in a haystack", without
    smoothing (inertia hardly has noise) and with sensitivity 1.
    """
    x, y = np.asarray(ks, dtype=float), np.asarray(inertias, dtype=float)
    x, y = x[~np.isnan(y)], y[~np.isnan(y)]
    if len(x) < 3 or np.ptp(y) == 0:
        return None
    across = (x - x.min()) / np.ptp(x)
    # Falling and convex becomes rising and concave when turned upside down.
    difference = (y.max() - y) / np.ptp(y) - across
    drop = SENSITIVITY * np.diff(across).mean()
    inner = np.arange(1, len(x) - 1)
    rises = difference[inner] > difference[inner - 1]
    peaks = inner[rises & (difference[inner] >= difference[inner + 1])]
    for peak, end in pairwise([*peaks, len(x)]):
        if (difference[peak + 1 : end] < difference[peak] - drop).any():
            return int(x[peak])
    return None


@dataclass(frozen=True)
class _Rule:
    """Thresholds of the written rule, and what a row is called in its reasons."""

    minimum_share: float
    minimum_stability: float
    minimum_k: int
    max_grid_k: int
    unit: str
    rows: int | None

    @property
    def slice_stability(self) -> float:
        """The least stability of a slice of a cloud."""
        return min(self.minimum_stability, SLICE_STABILITY)


@dataclass(frozen=True)
class _Choice:
    """What the rule takes, why each candidate is or is not taken, and how often each would be."""

    k: int
    reasons: dict[int, str]
    is_grid: bool = False
    wins: dict[int, float] | None = None


def _percent(share: float) -> str:
    # Rounded down, so that a share just below the limit is not printed as the limit.
    return f"{math.floor(share * 1000 + 1e-9) / 10:g} %"


def _objections(row: pd.Series, rule: _Rule) -> str:
    found = []
    if row["smallest_share"] < rule.minimum_share:
        found.append(
            f"smallest segment has {_percent(row['smallest_share'])} of {rule.unit}, "
            f"below {_percent(rule.minimum_share)}"
        )
    if row["stability"] < rule.minimum_stability:
        found.append(
            f"least stable segment has a bootstrap stability of {row['stability']:.3f}, "
            f"below {rule.minimum_stability:g}"
        )
    return "; ".join(found)


def _slice_objections(row: pd.Series, rule: _Rule) -> str:
    found = [_objections(row, replace(rule, minimum_stability=rule.slice_stability))]
    if rule.rows and round(row["smallest_share"] * rule.rows) < SLICE_ROWS:
        smallest = round(row["smallest_share"] * rule.rows)
        found.append(f"smallest segment has {smallest} {rule.unit}, below {SLICE_ROWS}")
    if row["k"] > rule.max_grid_k:
        found.append(f"above max_grid_k: {rule.max_grid_k}")
    return "; ".join(one for one in found if one)


def _refitted(frame: pd.DataFrame, place: int) -> np.ndarray | None:
    """Return a figure of every refit, shape (candidates, refits), or None where one has none."""
    if "refits" not in frame or not frame["refits"].map(lambda one: isinstance(one, tuple)).all():
        return None
    figures = [one[place] for one in frame["refits"]]
    return np.stack(figures) if len({len(one) for one in figures}) == 1 else None


def difference_errors(frame: pd.DataFrame) -> pd.Series:
    """Return the standard error of each silhouette's difference to the best one.

    Parameters
    ----------
    frame : DataFrame
        Evaluated candidates with the silhouettes of their refits.

    Returns
    -------
    Series
        By the frame's index; 0 for the best, NaN without refits. The refits of all candidates
        share their rows, so that the luck of the draw drops out of the difference.
    """
    refitted = _refitted(frame, 0)
    if refitted is None or refitted.shape[1] < 2:
        return pd.Series(np.nan, frame.index)
    best = frame.index.get_loc(frame["silhouette"].idxmax())
    return pd.Series((refitted[best] - refitted).std(axis=1, ddof=1), frame.index)


def _most_near(
    silhouettes: np.ndarray, errors: np.ndarray, predicted: np.ndarray
) -> tuple[int, int]:
    """Return the positions of the best silhouette and of the last one that may stand for it."""
    best = int(np.nanargmax(silhouettes))
    below = silhouettes[best] - silhouettes
    near = (below <= _tolerance(silhouettes[best])) | (below <= errors)
    allowed = np.flatnonzero(near & predicted & (np.arange(len(near)) > best))
    return best, int(allowed.max()) if len(allowed) else best


def _tolerance(best: float) -> float:
    """Return how far below the best a silhouette comes near it.

    Half of what the best lacks to 1, at most: groups that lie far apart need no more segments.
    """
    return min(NEAR * abs(best), (1 - best) / 2)


def _shares(ks: np.ndarray, taken: list[int]) -> dict[int, float] | None:
    if not taken:
        return None
    return {int(k): taken.count(place) / len(taken) for place, k in enumerate(ks)}


def _choose_groups(passed: pd.DataFrame) -> _Choice:
    """Take the best silhouette, or more segments that come near it and predict themselves."""
    ks, silhouettes = passed["k"].to_numpy(), passed["silhouette"].to_numpy()
    errors = difference_errors(passed).fillna(0).to_numpy()
    predicted = (passed["prediction_strength"] >= MINIMUM_PREDICTION).to_numpy()
    best, chosen = _most_near(silhouettes, errors, predicted)
    proven = _proven(passed, chosen)
    if proven is not None:
        return _choose_proven(passed, proven, int(ks[chosen]))
    reasons = {
        int(row["k"]): _reason(row, passed.iloc[best], int(ks[chosen]), error)
        for (_, row), error in zip(passed.iterrows(), errors, strict=True)
    }
    refitted = _refitted(passed, 0)
    draws = [] if refitted is None else refitted.T[~np.isnan(refitted).any(axis=0)]
    none = np.zeros(len(ks))
    taken = [_most_near(drawn, none, predicted)[1] for drawn in draws]
    return _Choice(int(ks[chosen]), reasons, wins=_shares(ks, taken))


def _proven(passed: pd.DataFrame, near: int) -> int | None:
    """Return the position of the most segments that are all clear groups, if they should win.

    They win against fewer segments, and against more that show no more groups and that halves
    predict worse.
    """
    clear = np.flatnonzero(passed["clear_groups"] == passed["k"])
    if not len(clear) or clear[-1] == near:
        return None
    own, other = passed.iloc[clear[-1]], passed.iloc[near]
    is_idle = (
        other["recognisable_groups"] <= own["k"]
        and own["prediction_strength"] >= PROVEN_PREDICTION
        and other["prediction_strength"] < FINER_PREDICTION
    )
    return int(clear[-1]) if own["k"] > other["k"] or is_idle else None


def _choose_proven(passed: pd.DataFrame, proven: int, near: int) -> _Choice:
    ks = passed["k"].to_numpy()
    chosen = int(ks[proven])
    reasons = {
        int(k): f"k = {chosen} parts the data into as many clear groups as segments" for k in ks
    }
    against = (
        f"k = {near}, which the silhouette prefers, has fewer"
        if near < chosen
        else f"k = {near}, which the silhouette prefers, shows no more groups"
    )
    reasons[chosen] = (
        f"all its segments are clear groups: a valley runs along every border, and {against}"
    )
    refitted = _refitted(passed, 0)
    taken = [] if refitted is None else [proven] * refitted.shape[1]
    return _Choice(chosen, reasons, wins=_shares(ks, taken))


def _reason(row: pd.Series, best: pd.Series, chosen: int, error: float) -> str:
    own, k = f"{row['silhouette']:.3f}", int(row["k"])
    top = f"the best that passes ({best['silhouette']:.3f} at k = {int(best['k'])})"
    tolerance = _tolerance(best["silhouette"])
    near = f"within {tolerance:.2g} of it or one standard error of the difference ({error:.2g})"
    if k == chosen == int(best["k"]):
        return f"has the best silhouette ({own}) of those that pass, and no larger k comes near it"
    if k == chosen:
        return (
            f"the most segments whose silhouette ({own}) comes near {top}, {near}, and whose "
            f"halves predict each other ({row['prediction_strength']:.2f})"
        )
    if k == int(best["k"]):
        return (
            f"has the best silhouette that passes ({own}), but k = {chosen} comes near it with "
            "more segments"
        )
    if k < int(best["k"]):
        return f"silhouette {own} is below {top}, which has more segments"
    if best["silhouette"] - row["silhouette"] > max(tolerance, error):
        return f"silhouette {own} does not come near {top}: it is not {near}"
    if not row["prediction_strength"] >= MINIMUM_PREDICTION:
        return (
            f"silhouette {own} comes near {top}, but its halves predict each other too badly "
            f"({row['prediction_strength']:.2f}, below {MINIMUM_PREDICTION:g})"
        )
    return f"silhouette {own} comes near {top}, but so does k = {chosen} with more segments"


def _choose_slices(pool: pd.DataFrame, passed: pd.DataFrame, rule: _Rule) -> _Choice:
    """Take the most segments that are stable and large enough, up to `max_grid_k`."""
    chosen = int(passed["k"].max())
    finer = f"stable and large enough, but so is k = {chosen}, and a finer grid"
    reasons = {int(k): finer for k in passed["k"]}
    reasons[chosen] = (
        "no border of any number of segments is a valley, so this is a grid laid over one cloud: "
        f"the most segments, of at most {rule.max_grid_k}, that are stable and large enough"
    )
    jaccards = _refitted(pool, 1)
    if jaccards is None or not jaccards.size:
        return _Choice(chosen, reasons, is_grid=True)
    large = pool["smallest_share"].ge(rule.minimum_share) & pool["k"].le(rule.max_grid_k)
    if rule.rows:
        large &= (pool["smallest_share"] * rule.rows).round() >= SLICE_ROWS
    held = (jaccards >= rule.slice_stability) & large.to_numpy()[:, None]
    taken = [int(np.flatnonzero(one).max()) if one.any() else 0 for one in held.T]
    return _Choice(chosen, reasons, is_grid=True, wins=_shares(pool["k"].to_numpy(), taken))


def _choose_failed(pool: pd.DataFrame, reasons: dict[int, str], is_grid: bool) -> _Choice:
    # Ties go to the smaller k: rows are in ascending order and idxmax takes the first.
    chosen = int(pool.loc[pool["smallest_share"].idxmax(), "k"])
    sentence = (
        "no candidate passes the rule, so the one whose smallest segment is largest is taken "
        f"although its {reasons[chosen]}"
    )
    return _Choice(chosen, reasons | {chosen: sentence}, is_grid)


def _choose_small(evaluated: pd.DataFrame, start: int) -> _Choice:
    small = evaluated[evaluated["k"].between(2, start - 1)]
    chosen = int(small["k"].max()) if len(small) else 1
    words = f"no k from {start} up could be evaluated, so k = {chosen} is taken"
    return _Choice(chosen, {chosen: words})


def _choose(candidates: pd.DataFrame, rule: _Rule) -> _Choice:
    evaluated = candidates[candidates["silhouette"].notna()]
    groups = evaluated["recognisable_groups"]
    is_grid = bool(groups.notna().any() and not (groups > 1).any())
    start = rule.minimum_k
    if (groups > 1).any() and start <= LEAST_USEFUL_K:
        start = 2
    below = f"below k = {start}, where the rule starts: so few segments are rarely useful"
    reasons = {int(k): below for k in candidates["k"] if k < start}
    pool = evaluated[evaluated["k"] >= start]
    if pool.empty:
        found = _choose_small(evaluated, start)
        return replace(found, reasons=reasons | found.reasons)
    object_to = _slice_objections if is_grid else _objections
    failed = {int(row["k"]): object_to(row, rule) for _, row in pool.iterrows()}
    failed = {k: words for k, words in failed.items() if words}
    passed = pool[~pool["k"].isin(failed)]
    if passed.empty:
        found = _choose_failed(pool, failed, is_grid)
    else:
        found = _choose_slices(pool, passed, rule) if is_grid else _choose_groups(passed)
    return replace(found, reasons=reasons | failed | found.reasons)


def _with_candidate(candidates: pd.DataFrame, k: int) -> pd.DataFrame:
    if (candidates["k"] == k).any():
        return candidates.copy()
    extra = pd.DataFrame({"k": [k], "is_elbow": [False], "is_selected": [False], "reason": [""]})
    return pd.concat([candidates, extra], ignore_index=True).sort_values("k", ignore_index=True)


def _forced_reasons(reasons: dict[int, str], ruled: int, forced: int) -> dict[int, str]:
    told = {}
    if ruled != forced and ruled in reasons:
        told[ruled] = f"the rule would take it ({reasons[ruled]}), but k: {forced} is set"
    return reasons | told | {forced: f"set by k: {forced}"}


def select_k(
    candidates: pd.DataFrame,
    *,
    minimum_share: float = 0.02,
    minimum_stability: float = 0.6,
    minimum_k: int = 3,
    max_grid_k: int = 10,
    forced_k: int | None = None,
    unit: str = "customers",
    rows: int | None = None,
) -> pd.DataFrame:
    """Choose k by the written rule and give a reason for every candidate.

    The rule: of the evaluated k from `minimum_k` up, drop those whose smallest segment is under
    `minimum_share` of the rows or whose stability, where known, is under `minimum_stability`.

    *Groups.* Where the segments of some candidate are parted by valleys, or nobody can tell, take
    the best silhouette; or the most segments that come near it, within 15 % of it (and within half
    of what it lacks to 1) or one standard error of the difference, and whose halves predict each
    other (0.7). Two segments may win where valleys were found, if `minimum_k` is at most 3.

    *Slices.* Where no border of any candidate is a valley, there is one cloud, and the silhouette
    only ever asks for few segments. Then take the most, up to `max_grid_k`, each of 10 rows or
    more and of a stability of 0.5 or `minimum_stability`, if that is less: a grid.

    If none is left, take the k whose smallest segment is largest. If nothing from `minimum_k` up
    could be evaluated, take the largest k below it, and 1 as the last resort.

    Parameters
    ----------
    candidates : DataFrame
        As returned by `candidates.evaluate_candidates`.
    minimum_share : float
        Smallest acceptable share of rows in a segment, in [0, 1].
    minimum_stability : float
        Smallest acceptable stability, in [0, 1].
    minimum_k : int
        Where the rule starts; smaller k stay in the table.
    max_grid_k : int
        Most segments of a grid.
    forced_k : int, optional
        Overrides the rule; added as a row if it was no candidate.
    unit : str
        What a row is, in the plural, for the reasons.
    rows : int, optional
        How many rows were evaluated, to know how large a slice is.

    Returns
    -------
    DataFrame
        The candidates with exactly one is_selected, a reason in every row, and is_elbow anew;
        is_grid, true throughout or nowhere; difference_se, the standard error of the silhouette's
        difference to the best; and wins_share, in how many refits the rule would have taken this
        k by the refit's own figures.

    Raises
    ------
    ValueError
        If `forced_k` is below 1.

    Notes
    -----
    Why the best silhouette alone finds too few, and what else was tried: ``docs/statistics.md``.
    Prediction strength: Tibshirani & Walther (2005). Elbow: `kneedle`, shown and not used.
    """
    if forced_k is not None and forced_k < 1:
        raise ValueError(f"k is {forced_k}: the number of segments must be 1 or more.")
    rule = _Rule(minimum_share, minimum_stability, minimum_k, max_grid_k, unit, rows)
    choice = _choose(candidates, rule)
    chosen = choice.k if forced_k is None else forced_k
    reasons = choice.reasons
    if forced_k is not None:
        reasons = _forced_reasons(reasons, choice.k, forced_k)
    frame = _with_candidate(candidates, chosen)
    elbow = kneedle(frame["k"], frame["inertia"])
    frame["is_elbow"] = (frame["k"] == elbow) if elbow is not None else False
    frame["is_selected"] = frame["k"] == chosen
    frame["is_grid"] = choice.is_grid and forced_k is None
    evaluated = frame["silhouette"].notna()
    frame["difference_se"] = difference_errors(frame[evaluated]).reindex(frame.index)
    wins = frame["k"].map(choice.wins or {}).astype(float)
    frame["wins_share"] = wins.where(wins.notna() | ~evaluated | (choice.wins is None), 0.0)
    unfit = frame["reason"].str.startswith("not evaluated") & ~frame["is_selected"]
    frame["reason"] = frame["reason"].where(unfit, frame["k"].map(reasons).fillna(""))
    return frame
