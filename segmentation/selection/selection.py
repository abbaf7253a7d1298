"""The written rule that chooses the number of segments, with a reason for every candidate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

SENSITIVITY = 1.0


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
    unit: str


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


def _highest(frame: pd.DataFrame, column: str) -> int:
    # Ties go to the smaller k: rows are in ascending order and idxmax takes the first.
    return int(frame.loc[frame[column].idxmax(), "k"])


def _among(
    evaluated: pd.DataFrame, passed: pd.DataFrame, bound: float, chosen: int, rule: _Rule
) -> str:
    """Say among which numbers the best silhouette was sought, if others would contradict it."""
    out = evaluated[~evaluated["k"].isin(passed["k"])]
    is_near_and_smaller = (out["silhouette"] >= bound) & (out["k"] < chosen)
    others = out[is_near_and_smaller | (out["silhouette"] > passed["silhouette"].max())]
    if others.empty:
        return ""
    is_small = others["k"] < rule.minimum_k
    start = f" from {rule.minimum_k} up" if is_small.any() else ""
    sound = "" if is_small.all() else " whose segments are stable and large enough"
    return f"the numbers{start}{sound}"


def _reason_among_passed(row: pd.Series, best: pd.Series, chosen: int, among: str) -> str:
    error = _error(best)
    own, k = f"{row['silhouette']:.3f}", int(best["k"])
    passing = " that passes" if among else ""
    top = f"the best{passing} ({best['silhouette']:.3f} at k = {k})"
    if row["k"] == chosen == k:
        none_near = "no smaller one of them" if among else "no smaller k"
        of = f" of {among}" if among else ""
        return f"has the best silhouette ({own}){of}, and {none_near} is within one standard error"
    if row["k"] == chosen:
        rest = f", among {among}" if among else ""
        return (
            f"smallest k whose silhouette ({own}) is within one standard error ({error:.2g}) "
            f"of {top}{rest}"
        )
    if row["k"] == k:
        return (
            f"has the best silhouette{passing} ({own}), but k = {chosen} is smaller and within "
            f"one standard error ({error:.2g}) of it"
        )
    if row["silhouette"] >= best["silhouette"] - error:
        return (
            f"silhouette {own} is within one standard error of the best{passing}, "
            f"but k = {chosen} is smaller"
        )
    return f"silhouette {own} is more than one standard error ({error:.2g}) below {top}"


def _error(best: pd.Series) -> float:
    return 0.0 if np.isnan(best["silhouette_se"]) else best["silhouette_se"]


def _choose_passed(
    evaluated: pd.DataFrame, passed: pd.DataFrame, rule: _Rule
) -> tuple[int, dict[int, str]]:
    best = passed.loc[passed["silhouette"].idxmax()]
    bound = best["silhouette"] - _error(best)
    chosen = int(passed.loc[passed["silhouette"] >= bound, "k"].min())
    among = _among(evaluated, passed, bound, chosen, rule)
    rows = (row for _, row in passed.iterrows())
    return chosen, {int(row["k"]): _reason_among_passed(row, best, chosen, among) for row in rows}


def _choose_failed(pool: pd.DataFrame, reasons: dict[int, str]) -> tuple[int, dict[int, str]]:
    known = pool["stability"].notna().any()
    chosen = _highest(pool, "stability" if known else "silhouette")
    why = "the most stable" if known else "the one with the highest silhouette"
    sentence = f"no candidate passes the rule, so {why} is taken although its {reasons[chosen]}"
    return chosen, reasons | {chosen: sentence}


def _choose_small(evaluated: pd.DataFrame, rule: _Rule) -> tuple[int, dict[int, str]]:
    small = evaluated[evaluated["k"].between(2, rule.minimum_k - 1)]
    chosen = int(small["k"].max()) if len(small) else 1
    words = f"no k from {rule.minimum_k} up could be evaluated, so k = {chosen} is taken"
    return chosen, {chosen: words}


def _choose(candidates: pd.DataFrame, rule: _Rule) -> tuple[int, dict[int, str]]:
    evaluated = candidates[candidates["silhouette"].notna()]
    below = f"below k = {rule.minimum_k}, where the rule starts: so few segments are rarely useful"
    reasons = {int(k): below for k in candidates["k"] if k < rule.minimum_k}
    pool = evaluated[evaluated["k"] >= rule.minimum_k]
    if pool.empty:
        chosen, found = _choose_small(evaluated, rule)
        return chosen, reasons | found
    failed = {int(row["k"]): _objections(row, rule) for _, row in pool.iterrows()}
    failed = {k: words for k, words in failed.items() if words}
    passed = pool[~pool["k"].isin(failed)]
    if passed.empty:
        chosen, found = _choose_failed(pool, failed)
    else:
        chosen, found = _choose_passed(evaluated, passed, rule)
    return chosen, reasons | failed | found


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
    forced_k: int | None = None,
    unit: str = "customers",
) -> pd.DataFrame:
    """Choose k by the written rule and give a reason for every candidate.

    The rule: of the evaluated k from `minimum_k` up, drop those whose smallest segment is under
    `minimum_share` of the rows or whose stability, where known, is under `minimum_stability`;
    of the rest take the smallest k whose silhouette is within one standard error (the best one's)
    of the best. If none is left, take the most stable or, with stability unknown, the one with
    the highest silhouette. If nothing from `minimum_k` up could be evaluated, take the largest k
    below it, and 1 as the last resort.

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
    forced_k : int, optional
        Overrides the rule; added as a row if it was no candidate.
    unit : str
        What a row is, in the plural, for the reasons.

    Returns
    -------
    DataFrame
        The candidates with exactly one is_selected, a reason in every row, and is_elbow anew.

    Raises
    ------
    ValueError
        If `forced_k` is below 1.

    Notes
    -----
    The one-standard-error rule: Breiman, Friedman, Olshen & Stone (1984), "Classification and
    regression trees". Elbow: `kneedle`, shown and not used.
    """
    if forced_k is not None and forced_k < 1:
        raise ValueError(f"k is {forced_k}: the number of segments must be 1 or more.")
    rule = _Rule(minimum_share, minimum_stability, minimum_k, unit)
    ruled, reasons = _choose(candidates, rule)
    chosen = ruled if forced_k is None else forced_k
    if forced_k is not None:
        reasons = _forced_reasons(reasons, ruled, forced_k)
    frame = _with_candidate(candidates, chosen)
    elbow = kneedle(frame["k"], frame["inertia"])
    frame["is_elbow"] = (frame["k"] == elbow) if elbow is not None else False
    frame["is_selected"] = frame["k"] == chosen
    unfit = frame["reason"].str.startswith("not evaluated") & ~frame["is_selected"]
    frame["reason"] = frame["reason"].where(unfit, frame["k"].map(reasons).fillna(""))
    return frame
