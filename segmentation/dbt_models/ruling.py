"""What the fitted tables hold of segments that follow written rules: nothing is fitted there."""

import json
from dataclasses import asdict
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from segmentation.dbt_models import schemas
from segmentation.dbt_models.plan import Plan
from segmentation.features.frames import bounded_frame, rows_of
from segmentation.features.written_rules import (
    names_of,
    positions_sql,
    problems_of,
    segment_sql,
    segment_words,
)

VERDICT = (
    "These segments follow rules that somebody wrote; whether the data fall into groups was not "
    "asked. What they are worth is what they tell of the future."
)


def candidate(plan: Plan) -> pd.DataFrame:
    """Return the one number of segments there is: as many as the rules name.

    Raises
    ------
    ValueError
        If a rule asks of what is not there, or can take nobody.
    """
    problems = problems_of(plan.rules, dict(plan.columns))
    if problems:
        raise ValueError(f"{' '.join(problems)} Correct seeds/rule_segments.csv.")
    told = {
        "k": len(names_of(plan.rules)),
        "is_grid": False,
        "is_elbow": False,
        "is_selected": True,
        "reason": "the rules name so many",
    }
    return pd.DataFrame([told]).reindex(columns=_columns(schemas.CANDIDATES))


def segments(plan: Plan, earlier_names: Any) -> pd.DataFrame:
    """Return a row per segment: a name keeps the id that it had, a new one gets the next."""
    born = bounded_frame(rows_of(earlier_names, plan.segmentation))
    ids = dict(zip(born["segment_name"], born["segment_id"].astype(int), strict=True))
    following = max(ids.values(), default=0)
    rows = []
    for number, name in enumerate(names_of(plan.rules), start=1):
        is_kept = name in ids
        following += not is_kept
        own = ids.get(name, following)
        rows.append(
            {
                "old_id": own if is_kept else None,
                "cluster": number,
                "new_id": own,
                "overlap": float(is_kept),
                "shared_rows": 0,
                "kind": "kept" if is_kept else "new",
                "segment_name": name,
                "claims": None,
            }
        )
    return pd.DataFrame(rows, columns=_columns(schemas.SEGMENTS)).astype({"old_id": "Int64"})


def facts(plan: Plan) -> pd.DataFrame:
    """Return what can be said of a version: with which libraries, and that nothing was judged."""
    from segmentation.features.baseline import library_versions

    told = {"library_versions": library_versions(), "verdict": VERDICT, "rows_judged": 0}
    return pd.DataFrame([told]).reindex(columns=_columns(schemas.FACTS))


def past_segments(plan: Plan, past: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return who of an earlier day a rule takes, and the names of their segments.

    Parameters
    ----------
    plan : Plan
    past : DataFrame
        n customers with the features of that day.

    Returns
    -------
    known : ndarray of bool, shape (n,)
    names : ndarray of str, one per known customer
    """
    names = {rule.position: rule.segment_name for rule in plan.rules}
    with duckdb.connect() as connection:
        connection.register("past", past.assign(row_number=np.arange(len(past))))
        found = connection.execute(
            f"select {positions_sql(plan.rules, dict(plan.columns))} as position "
            "from past order by row_number"
        ).df()["position"]
    known = found.notna().to_numpy()
    return known, found[known].astype(int).map(names).to_numpy(str)


def described(plan: Plan, ids: dict[str, int], rows: int) -> pd.DataFrame:
    """Return a row per segment: the rule that it is, which so takes it whole and nobody else.

    Parameters
    ----------
    plan : Plan
    ids : dict of str to int
        Of the segments, by name.
    rows : int
        Units that words are made of.
    """
    kinds, told = dict(plan.columns), []
    told_rules = [asdict(rule) for rule in plan.rules]
    for name in names_of(plan.rules):
        own = [rule for rule in plan.rules if rule.segment_name == name]
        own_positions = [rule.position for rule in own]
        told.append(
            {
                "segment_id": ids[name],
                "rule": segment_words(plan.rules, name),
                "rule_sql": segment_sql(plan.rules, kinds, name),
                "rule_json": json.dumps({"first_match": told_rules, "takes": own_positions}),
                "branches": len(own),
                "conditions": sum(len(rule.conditions) for rule in own),
                "rule_precision": 1.0,
                "rule_recall": 1.0,
                "fidelity": 1.0,
                "rows_measured": rows,
            }
        )
    return pd.DataFrame(told)


def _columns(schema) -> list[str]:
    return [name for name in schema.names if name not in ("segmentation", "model_version")]
