"""Ids that last: recognise the segments of a refit among those of the model in use."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

COLUMNS = ("old_id", "new_label", "new_id", "overlap", "customers", "kind")
FLOOR = 0.5
MAJORITY = 0.5


def _contingency(old: pd.Series, new: pd.Series) -> pd.DataFrame:
    """Count the customers that both models know, by old id (ascending) and new label.

    New labels come in the order of their size and then of their first customer, so that how they
    happen to be numbered decides nothing, not even a tie.
    """
    positions = pd.Series(np.arange(len(new)), index=new.index)
    groups = positions.groupby(new)
    order = pd.DataFrame({"size": groups.size(), "first": groups.min()})
    order = order.sort_values(["size", "first"], ascending=[False, True])
    known = old.notna() & new.notna()
    both = pd.crosstab(old[known], new[known])
    return both.reindex(index=sorted(old.dropna().unique()), columns=order.index, fill_value=0)


def _jaccard(both: np.ndarray) -> np.ndarray:
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return both / np.maximum(either, 1)


def _matched_pairs(jaccard: np.ndarray, floor: float) -> list[tuple[int, int]]:
    # Pairs below the floor weigh nothing, so that they cannot push a real match aside.
    weight = np.where(jaccard >= floor, jaccard, 0.0)
    pairs = zip(*linear_sum_assignment(weight, maximize=True), strict=True)
    return [(int(old), int(new)) for old, new in pairs if weight[old, new] > 0]


def _majority(counts: np.ndarray) -> int | None:
    total = counts.sum()
    if total == 0 or counts.max() <= MAJORITY * total:
        return None
    return int(counts.argmax())


def _born_rows(both: pd.DataFrame, jaccard: np.ndarray, born: list[int], next_id: int) -> list:
    rows = []
    for new_id, new in enumerate(born, start=next_id):
        parent = _majority(both.to_numpy()[:, new])
        label = both.columns[new]
        if parent is None:
            rows.append((None, label, new_id, 0.0, 0, "new"))
        else:
            figures = (jaccard[parent, new], both.iat[parent, new])
            rows.append((both.index[parent], label, new_id, *figures, "split"))
    return rows


def _gone_rows(both: pd.DataFrame, jaccard: np.ndarray, gone: list[int], ids: dict) -> list:
    rows = []
    for old in gone:
        heir = _majority(both.to_numpy()[old])
        if heir is None:
            rows.append((both.index[old], None, None, 0.0, 0, "retired"))
        else:
            label, figures = both.columns[heir], (jaccard[old, heir], both.iat[old, heir])
            rows.append((both.index[old], label, ids[label], *figures, "merged"))
    return rows


def _as_frame(rows: list) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    whole = dict.fromkeys(("old_id", "new_label", "new_id", "customers"), "Int64")
    return frame.astype(whole | {"overlap": float, "kind": str})


def match_segments(
    old_ids: Sequence,
    new_labels: Sequence,
    *,
    floor: float = FLOOR,
    highest_id: int = 0,
) -> pd.DataFrame:
    """Give the segments of a refit the ids of the segments they continue, or new ones.

    Both sequences list the same customers in the order of their key; a customer that one model
    does not know is missing (None or NaN) there. Only customers known to both decide a match.

    Parameters
    ----------
    old_ids : sequence of int or missing, length n
        Stored segment ids of the model in use; all missing at the first fit.
    new_labels : sequence of int or missing, length n
        Segments of the refit, numbered in any way.
    floor : float
        Smallest Jaccard overlap, in (0, 1], under which an id does not pass on. At 0.5 or more
        a segment shares at least half of all customers involved with the one it continues.
    highest_id : int
        Highest id ever given under this recipe, retired ones included; new ids start above it.

    Returns
    -------
    DataFrame
        One row per new segment and one per old id that ends; columns

        - old_id: the id continued (kept), the parent (split) or the id that ends; null for new;
        - new_label: the refit's number; null for retired;
        - new_id: the id it has from now on; for merged, that of the segment that took it in;
        - overlap: Jaccard similarity of old_id and new_label among customers known to both;
        - customers: how many of them are in both;
        - kind: kept; split (most of a new segment was one old segment); new; merged (most of an
          old segment is now in one new segment); retired.

        New ids are given by descending size, ties by the first customer.

    Raises
    ------
    ValueError
        If the lengths differ or the floor is not in (0, 1].

    Notes
    -----
    Assignment of largest total overlap: Kuhn (1955), "The Hungarian method for the assignment
    problem". Overlap: Jaccard (1912).
    """
    if len(old_ids) != len(new_labels):
        raise ValueError(
            f"{len(old_ids)} old ids and {len(new_labels)} new labels cannot be matched: "
            "both must list the same customers in the same order."
        )
    if not 0 < floor <= 1:
        raise ValueError(f"The floor of the overlap is {floor}: it must be above 0, at most 1.")
    old, new = (pd.Series(list(x), dtype="Float64").astype("Int64") for x in (old_ids, new_labels))
    both = _contingency(old, new)
    jaccard = _jaccard(both.to_numpy(dtype=float))
    pairs = _matched_pairs(jaccard, floor)
    kept = [
        (both.index[i], both.columns[j], both.index[i], jaccard[i, j], both.iat[i, j], "kept")
        for i, j in pairs
    ]
    born = [j for j in range(both.shape[1]) if j not in {new for _, new in pairs}]
    born_rows = _born_rows(both, jaccard, born, max([highest_id, *both.index]) + 1)
    ids = {row[1]: row[2] for row in kept + born_rows}
    gone = [i for i in range(both.shape[0]) if i not in {old for old, _ in pairs}]
    return _as_frame(kept + born_rows + _gone_rows(both, jaccard, gone, ids))


def ids_by_label(matches: pd.DataFrame) -> dict[int, int]:
    """Return the id of each new label from the result of `match_segments`."""
    living = matches[matches["kind"].isin(["kept", "split", "new"])]
    return {int(row.new_label): int(row.new_id) for row in living.itertuples()}
