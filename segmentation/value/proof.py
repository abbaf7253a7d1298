"""How well groups of customers say what happens next, with intervals that are paired."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

FOLDS = 2
DRAWS = 200
BEST_SHARE = 0.2
INTERVAL = (2.5, 97.5)
# Two halves that learn from each other are right or wrong together, so that the interval is as
# wide as one half alone would make it.
STRETCH = 2**0.5
MEASURES = ("r2_spend", "r2_log_spend", "auc_buying", "best_fifth_share")
COLUMNS = ["predictor", "measure", "value", "low", "high"]


@dataclass(frozen=True)
class _Prediction:
    """What a predictor says of each unit, learnt from the other folds only."""

    spend: np.ndarray
    log_spend: np.ndarray
    rank_by_spend: np.ndarray
    rank_by_buying: np.ndarray


@dataclass(frozen=True)
class _Outcome:
    """What happened: spend in the horizon, its logarithm, and who bought at all."""

    spend: np.ndarray
    log_spend: np.ndarray
    bought: np.ndarray


def _outcome(later: np.ndarray) -> _Outcome:
    spend = np.asarray(later, dtype=float)
    return _Outcome(spend, np.log1p(np.maximum(spend, 0)), (spend > 0).astype(float))


def _learnt_from_groups(labels: np.ndarray, target: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return for each unit the mean of its group in the other folds, their mean without one."""
    groups = np.unique(labels, return_inverse=True)[1]
    shape = (FOLDS, groups.max() + 1)
    cells = np.ravel_multi_index((folds, groups), shape)
    sums = np.bincount(cells, target, minlength=np.prod(shape)).reshape(shape)
    sizes = np.bincount(cells, minlength=np.prod(shape)).reshape(shape)
    other_sums, other_sizes = sums.sum(axis=0) - sums, sizes.sum(axis=0) - sizes
    overall = other_sums.sum(axis=1) / np.maximum(other_sizes.sum(axis=1), 1)
    means = np.where(other_sizes > 0, other_sums / np.maximum(other_sizes, 1), overall[:, None])
    return means[folds, groups]


def _learnt_from_scores(scores: np.ndarray, target: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return for each unit what a rising curve, fitted to the other folds, says of its score."""
    # What scores groups alone need not wait for scikit-learn to be imported.
    from sklearn.isotonic import IsotonicRegression

    found = np.empty(len(scores))
    for fold in range(FOLDS):
        own = folds == fold
        curve = IsotonicRegression(out_of_bounds="clip")
        found[own] = curve.fit(scores[~own], target[~own]).predict(scores[own])
    return found


def _ranks(learnt: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the place of each unit's group among the groups, as its own fold sees them.

    The means themselves differ a little from fold to fold, always against the fold's own outcome;
    ranked by them, units of one group would be told apart the wrong way round.
    """
    found = np.empty(len(learnt))
    for fold in range(FOLDS):
        own = folds == fold
        found[own] = np.unique(learnt[own], return_inverse=True)[1]
    return found


def _predicted(values: np.ndarray, outcome: _Outcome, folds: np.ndarray) -> _Prediction:
    """Learn from a number that ranks (floating) or from groups (anything else)."""
    values = np.asarray(values)
    if np.issubdtype(values.dtype, np.floating):
        spend = _learnt_from_scores(values, outcome.spend, folds)
        log_spend = _learnt_from_scores(values, outcome.log_spend, folds)
        return _Prediction(spend, log_spend, values, values)
    spend = _learnt_from_groups(values, outcome.spend, folds)
    log_spend = _learnt_from_groups(values, outcome.log_spend, folds)
    buys = _learnt_from_groups(values, outcome.bought, folds)
    return _Prediction(spend, log_spend, _ranks(spend, folds), _ranks(buys, folds))


def explained(weights: np.ndarray, target: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return R squared under each row of weights, of shape (draws,); below 0 if misleading.

    Parameters
    ----------
    weights : ndarray of shape (draws, n)
    target, predicted : ndarray of shape (n,)
    """
    total = weights.sum(axis=1)
    spread = weights @ np.square(target) - np.square(weights @ target) / total
    left = weights @ np.square(target - predicted)
    return 1 - left / np.where(spread > 0, spread, np.nan)


def _ranked(weights: np.ndarray, scores: np.ndarray, *columns: np.ndarray) -> list[np.ndarray]:
    """Return weighted sums of columns by distinct score, the highest first: (draws, scores)."""
    order = np.argsort(-scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) != 0])
    ordered = weights[:, order]
    return [np.add.reduceat(ordered * column[order], starts, axis=1) for column in columns]


def pairs_won(
    weights: np.ndarray, scores: np.ndarray, happened: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how many who bought score above how many who did not, of how many such pairs.

    Their ratio is the area under the ROC curve.

    Parameters
    ----------
    weights : ndarray of shape (draws, n)
    scores : ndarray of shape (n,)
        Ties count half.
    happened : ndarray of shape (n,), 0 or 1

    Returns
    -------
    won, pairs : ndarray of shape (draws,)

    Notes
    -----
    The Mann-Whitney statistic (Hanley & McNeil 1982).
    """
    bought, stayed_away = _ranked(weights, scores, happened, 1 - happened)
    below = stayed_away.sum(axis=1, keepdims=True) - np.cumsum(stayed_away, axis=1)
    pairs = bought.sum(axis=1) * stayed_away.sum(axis=1)
    return (bought * (below + stayed_away / 2)).sum(axis=1), pairs


def money_of_best(
    weights: np.ndarray, scores: np.ndarray, spend: np.ndarray, best: float = BEST_SHARE
) -> tuple[np.ndarray, np.ndarray]:
    """Return the spend of the best-scored units and that of all, each of shape (draws,).

    Parameters
    ----------
    weights : ndarray of shape (draws, n)
    scores : ndarray of shape (n,)
        Of units that share the score at the border, as large a part is taken as is missing.
    spend : ndarray of shape (n,)
    best : float
        Share of units taken, in (0, 1).
    """
    units, money = _ranked(weights, scores, np.ones(len(spend)), spend)
    before = np.cumsum(units, axis=1) - units
    missing = best * units.sum(axis=1, keepdims=True) - before
    taken = np.clip(missing / np.where(units > 0, units, np.inf), 0, 1)
    return (taken * money).sum(axis=1), money.sum(axis=1)


def _by_fold(
    figure: Callable[..., tuple[np.ndarray, np.ndarray]],
    weights: np.ndarray,
    folds: np.ndarray,
    *columns: np.ndarray,
) -> np.ndarray:
    """Return a ratio whose parts are summed over the folds, of shape (draws,).

    Units are compared within their fold only. Across folds a unit that bought raises its group in
    the eyes of the others, which turns chance into a figure below chance.
    """
    parts = [
        figure(weights[:, folds == fold], *(column[folds == fold] for column in columns))
        for fold in range(FOLDS)
    ]
    above, below = (np.sum(sums, axis=0) for sums in zip(*parts, strict=True))
    return above / np.where(below > 0, below, np.nan)


def _measured(
    weights: np.ndarray, folds: np.ndarray, outcome: _Outcome, found: _Prediction
) -> np.ndarray:
    """Return the measures under each row of weights, of shape (measures, draws)."""
    return np.array(
        [
            explained(weights, outcome.spend, found.spend),
            explained(weights, outcome.log_spend, found.log_spend),
            _by_fold(pairs_won, weights, folds, found.rank_by_buying, outcome.bought),
            _by_fold(money_of_best, weights, folds, found.rank_by_spend, outcome.spend),
        ]
    )


def _rows(names: dict[str, str], values: np.ndarray, drawn: np.ndarray) -> pd.DataFrame:
    known = np.where(np.isnan(values)[:, None], 0.0, drawn)
    ends = np.nanpercentile(known, INTERVAL, axis=1)
    low, high = values + STRETCH * (ends - values)
    table = {"measure": MEASURES, "value": values, "low": low, "high": high}
    return pd.DataFrame(names | table)


def prove(
    predictors: Mapping[str, np.ndarray], later: np.ndarray, *, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Say how well each predictor, known before, tells what came after.

    Parameters
    ----------
    predictors : mapping of str to ndarray of shape (n,)
        Groups (integers or text) or scores (floating numbers, more is better) of the same units,
        sorted by key.
    later : ndarray of shape (n,)
        Spend of each unit in the horizon.
    seed : int
        Seed of folds and draws.

    Returns
    -------
    values : DataFrame
        One row per predictor and measure: value, and low and high of its 95 % interval. NaN where
        nobody bought, or everybody.
    differences : DataFrame
        One row per pair of predictors and measure: predictor less versus, with a paired interval.

    Notes
    -----
    A unit is judged by what the other half of the units says of its group or score. The
    intervals are percentiles over 200 draws of the units with replacement, the same for all
    predictors (Efron & Tibshirani 1993); the draws weigh units by Poisson counts. They are
    stretched by the root of two, because figures of halves that learn from each other are
    correlated and the plain interval covers too seldom (Bates, Hastie & Tibshirani 2023,
    "Cross-validation: what does it estimate and how well does it do it?").
    """
    outcome, draw = _outcome(later), np.random.default_rng(seed)
    folds = draw.permutation(len(outcome.spend)) % FOLDS
    once = np.ones((1, len(folds)))
    weights = draw.poisson(1.0, (DRAWS, len(folds))).astype(float)
    found = {name: _predicted(values, outcome, folds) for name, values in predictors.items()}
    values = {name: _measured(once, folds, outcome, one)[:, 0] for name, one in found.items()}
    drawn = {name: _measured(weights, folds, outcome, one) for name, one in found.items()}
    told = [_rows({"predictor": name}, values[name], drawn[name]) for name in found]
    pairs = [
        _rows(
            {"predictor": name, "versus": other},
            values[name] - values[other],
            drawn[name] - drawn[other],
        )
        for name in found
        for other in found
        if name != other
    ]
    empty = pd.DataFrame(columns=["predictor", "versus", *COLUMNS[1:]])
    compared = pd.concat(pairs, ignore_index=True) if pairs else empty
    return pd.concat(told, ignore_index=True), compared
