"""The body of the Python model that says in words what each segment is like, in every build."""

from typing import Any

import pandas as pd
import pyarrow as pa

from segmentation.dbt_models import ruling, schemas
from segmentation.dbt_models.plan import Plan, feature_rows, rows_of_version
from segmentation.diagnosis.advice import advise, describe, problems_of
from segmentation.diagnosis.naming import untrue_claims
from segmentation.diagnosis.rules import Rule, flags_of, measure_rules
from segmentation.diagnosis.traits import Portraits
from segmentation.features.frames import bounded_frame, rows_of


def describe_segments_table(
    fit_plan: Any,
    serving_models: Any,
    described_rows: Any,
    fit_rules: Any,
    fit_segments: Any,
    suggestion_rules: Any,
) -> pa.Table:
    """One row per segment of the models that serve: rule, description and what to do, of today.

    Also whether the name that it got at birth is still true of it; null for a name that was given
    before names said what they claim.

    Raises
    ------
    RuntimeError
        If a rule of the seed could be told of no segment.
    """
    seed = bounded_frame(suggestion_rules)
    for problem in problems_of(seed):
        raise RuntimeError(f"{problem} Correct seeds/suggestion_rules.csv.")
    serving = bounded_frame(serving_models).set_index("segmentation")["model_version"]
    tables = []
    for plan in Plan.read(fit_plan):
        described = bounded_frame(rows_of(described_rows, plan.segmentation), "unit_order")
        if described.empty:
            continue
        portraits = Portraits.of(
            feature_rows(described_rows, plan),
            described["segment_id"].to_numpy(),
            plan.described,
            plan.recipe,
            described["units"].to_numpy(),
        )
        version = int(serving[plan.segmentation])
        born = rows_of(fit_segments, plan.segmentation)
        if plan.is_written:
            named = rows_of_version(fit_segments, plan, version)
            ids = dict(zip(named["segment_name"], named["new_id"].astype(int), strict=True))
            rules = ruling.described(plan, ids, len(portraits.units))
        else:
            rules = _rules(rows_of_version(fit_rules, plan, version), portraits)
        words = _words(portraits, plan, born, seed)
        frame = words.merge(rules, on="segment_id", how="left")
        frame = frame.assign(segmentation=plan.segmentation, model_version=version)
        tables.append(
            pa.Table.from_pandas(
                frame.reindex(columns=schemas.DESCRIBED.names),
                schema=schemas.DESCRIBED,
                preserve_index=False,
            )
        )
    return pa.concat_tables(tables) if tables else schemas.DESCRIBED.empty_table()


def _words(portraits: Portraits, plan: Plan, fit_segments: Any, seed: pd.DataFrame) -> pd.DataFrame:
    born = bounded_frame(fit_segments).dropna(subset=["claims"]).sort_values("model_version")
    claims = dict(zip(born["new_id"], born["claims"], strict=True))
    advice = {one.segment_id: one for one in advise(portraits, seed, plan.segmentation, plan.unit)}
    told = []
    for segment in portraits.ids:
        objections = (
            untrue_claims(portraits, segment, claims[segment]) if segment in claims else None
        )
        known = advice.get(segment)
        told.append(
            {
                "segment_id": segment,
                "description": describe(portraits, segment),
                "name_is_true": None if objections is None else not objections,
                "name_objection": "; ".join(objections) if objections else None,
                **{
                    name: getattr(known, name, None)
                    for name in ("kind", "suggestion", "aims_at", "success")
                },
            }
        )
    return pd.DataFrame(told)


def _rules(stored: pd.DataFrame, portraits: Portraits) -> pd.DataFrame:
    """Return one row per rule of the version, with today's figures."""
    columns, values = portraits.columns, portraits.values
    rules = [
        Rule.of_json(int(row.segment_id), row.rule)
        for row in stored.sort_values("segment_id").itertuples()
    ]
    rules = [rule for rule in rules if rule.features <= set(values)]
    if not rules:
        return pd.DataFrame({"segment_id": pd.Series(dtype="int64")})
    flags = flags_of(values)
    told = pd.DataFrame(
        {
            "segment_id": [rule.segment_id for rule in rules],
            "rule": [rule.text(columns, flags) for rule in rules],
            "rule_sql": [rule.sql(columns) for rule in rules],
            "rule_json": [rule.json() for rule in rules],
            "branches": [len(rule.boxes) for rule in rules],
            "conditions": [rule.conditions for rule in rules],
        }
    )
    measured = measure_rules(rules, values, portraits.segments, portraits.units)
    return told.merge(measured, on="segment_id").assign(rows_measured=len(portraits.units))
