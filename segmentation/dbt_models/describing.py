"""The body of the Python model that says in words what each segment is like, in every build."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.dbt_models import schemas
from segmentation.dbt_models.plan import Plan, feature_rows, rows_of_version
from segmentation.diagnosis.rules import Rule, flags_of, measure_rules, rule_values
from segmentation.features.frames import bounded_frame


def describe_segments_table(
    fit_plan: Any, serving_models: Any, described_rows: Any, fit_rules: Any
) -> pa.Table:
    """One row per segment of the models that serve: its rule and how well the rule holds today."""
    serving = bounded_frame(serving_models).set_index("segmentation")["model_version"]
    tables = []
    for plan in Plan.read(fit_plan):
        rows = feature_rows(described_rows, plan)
        if rows.empty:
            continue
        version = int(serving[plan.segmentation])
        rules = _rules(rows_of_version(fit_rules, plan, version), plan, rows)
        frame = rules.assign(segmentation=plan.segmentation, model_version=version)
        tables.append(
            pa.Table.from_pandas(
                frame[schemas.DESCRIBED.names], schema=schemas.DESCRIBED, preserve_index=False
            )
        )
    return pa.concat_tables(tables) if tables else schemas.DESCRIBED.empty_table()


def _rules(stored: pd.DataFrame, plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per segment that the version has a rule for, with today's figures."""
    columns = [column for column in plan.described if column.name in rows]
    rules = [
        Rule.of_json(int(row.segment_id), row.rule)
        for row in stored.sort_values("segment_id").itertuples()
    ]
    rules = [rule for rule in rules if rule.features <= {column.name for column in columns}]
    segments = pd.DataFrame({"segment_id": np.unique(rows["segment_id"])})
    if not rules:
        return segments.reindex(columns=["segment_id", *schemas.DESCRIBED.names[3:]])
    flags = flags_of(rows, columns)
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
    measured = measure_rules(
        rules,
        rule_values(rows, columns),
        rows["segment_id"].to_numpy(),
        rows["units"].to_numpy(),
    )
    joined = told.merge(measured, on="segment_id").assign(rows_measured=len(rows))
    return segments.merge(joined, on="segment_id", how="left")
