"""The sections about trust: stability, other algorithms, drift, migrations, the source data."""

import pandas as pd

from segmentation.published.served import Published
from segmentation.report import data, data_trust, figures, figures_trust
from segmentation.report.parts import Chart, Section, Table, table_of
from segmentation.report.sections import SEGMENT, Looks
from segmentation.report.words import label, listed, number, percent, segments_named

LEAST_PSI = 0.001
"""Drift below which every bar would be empty."""
LEAST_CORRELATION = 0.1
"""Strength from which a pair of features is worth a row."""
MEASURES = {
    "pearson": "Pearson's r",
    "cramers_v": "Cramér's V",
    "correlation_ratio": "correlation ratio",
}


def trust(published: Published, looks: Looks, stability: pd.DataFrame) -> Section | None:
    """Return the section on stability and other algorithms; None if neither was measured."""
    charts, units = [], published.units
    if not stability.empty:
        charts.append(_stability_chart(stability, looks, units))
    comparison = data_trust.algorithms(published)
    if not comparison.empty:
        charts.append(_algorithm_chart(comparison, units))
    quality = data_trust.quality(published)
    if not charts and quality.empty:
        return None
    lead = (
        f"Would the same segments come back from other {units}, and does another method find "
        "them too? Stability says that a segment is reproducible; whether the data has groups at "
        "all is the verdict at the top."
    )
    tables = [] if quality.empty else [("The figures behind the verdict", _quality_table(quality))]
    pairs = data_trust.pairs(published)
    if not pairs.empty:
        tables.append(("Segments that border on each other", _pair_table(pairs)))
    importance = data_trust.importance(published)
    if not importance.empty:
        columns = {"feature": ("Feature", label), "agreement": ("Adjusted Rand index", None)}
        tables.append(("Agreement with segments without a feature", table_of(importance, columns)))
    return Section("trust", "Can they be believed?", lead, tuple(charts), tuple(tables))


def _pair_table(pairs: pd.DataFrame):
    columns = {
        "segment_name": ("Segment", None),
        "other_segment_name": ("Other segment", None),
        "verdict": ("Verdict", None),
        "fall": ("Fall of the density", percent),
        "feature": ("Told apart by", label),
    }
    return table_of(pairs, columns)


def _quality_table(quality: pd.DataFrame):
    figures_only = quality.drop(
        columns=["verdict", "prediction", "model_version"], errors="ignore"
    ).iloc[0]
    frame = pd.DataFrame(
        {
            "measure": [label(name) for name in figures_only.index],
            "value": [
                number(value, 3) if isinstance(value, float) else str(value)
                for value in figures_only
            ],
        }
    )
    return table_of(frame, {"measure": ("Measure", None), "value": ("Value", None)})


def _stability_chart(stability: pd.DataFrame, looks: Looks, units: str) -> Chart:
    weak = stability[stability["jaccard"] < figures_trust.STABLE_FROM]
    words = (
        f"Every segment comes back when the {units} are drawn again."
        if weak.empty
        else _unreliable([str(s) for s in weak["segment_id"]])
    )
    return Chart(
        "stability",
        "Stability of each segment over bootstrap fits",
        figures_trust.stability_bars(stability, looks),
        words,
        table_of(
            stability,
            {
                "segment_id": ("Segment", str),
                "jaccard": ("Mean Jaccard", None),
                "verdict": ("Verdict", None),
            },
        ),
        note="Above 0.75 a segment is stable, below 0.5 it dissolves (Hennig 2007).",
    )


def _unreliable(ids: list[str]) -> str:
    return f"{segments_named(ids).capitalize()} do{'es' * (len(ids) == 1)} not come back reliably."


def _algorithm_chart(comparison: pd.DataFrame, units: str) -> Chart:
    first = comparison.iloc[0]
    return Chart(
        "algorithms",
        f"Other algorithms on the same {units}",
        figures_trust.algorithm_dots(comparison),
        f"{label(first['algorithm'])} has the clearest segments (silhouette "
        f"{number(first['silhouette'])}).",
        table_of(
            comparison,
            {
                "algorithm": ("Algorithm", label),
                "rows": ("Rows", None),
                "segments": ("Segments", None),
                "noise_share": ("Noise", percent),
                "silhouette": ("Silhouette", None),
                "davies_bouldin": ("Davies–Bouldin", None),
                "calinski_harabasz": ("Calinski–Harabasz", None),
                "ari": ("ARI", None),
                "ami": ("AMI", None),
                "stability": ("Stability", None),
                "seconds": ("Seconds", None),
                "note": ("Note", None),
            },
        ),
        note="Silhouette is counted without noise, so an algorithm that calls most rows noise "
        "looks clearer than it is.",
    )


def correlations(published: Published) -> Chart | None:
    """Return the correlation matrix; None if it was not measured."""
    pairs = data_trust.correlations(published)
    if pairs.empty:
        return None
    top = pairs.iloc[0]
    return Chart(
        "correlations",
        "Which features go together",
        figures.correlation_heatmap(pairs),
        f"The strongest pair is {label(top.feature_a).lower()} and {label(top.feature_b).lower()} "
        f"({MEASURES[top.measure]} {number(top.value)}).",
        table_of(
            pairs[pairs["value"].abs() >= LEAST_CORRELATION],
            {
                "feature_a": ("Feature", label),
                "feature_b": ("and", label),
                "measure": ("Measure", MEASURES.get),
                "value": ("Value", None),
                "spearman": ("Spearman", None),
            },
        ),
        note="Numbers by Pearson's r, categories by Cramér's V, mixed pairs by the correlation "
        "ratio; the last two have no sign. The table has pairs from "
        f"{LEAST_CORRELATION} up, and Spearman's rho.",
    )


def over_time(published: Published, looks: Looks) -> Section | None:
    """Return the section on drift and migrations; None while there is no history."""
    charts, units = [], published.units
    sizes = data_trust.sizes_over_time(published)
    if not sizes.empty and sizes["as_of_date"].nunique() > 1:
        charts.append(_sizes_chart(sizes, looks, units))
    moves = data_trust.migrations(published)
    if not moves.empty:
        worth = _worth(data.segments(published))
        charts.append(_migration_chart(moves, _names(sizes), looks, units, worth))
    drift = data_trust.drift(published)
    lead = "How the segments' sizes change, who moves, and whether the data still is what it was."
    if not drift.empty and (drift["psi"] >= LEAST_PSI).any():
        charts.append(_drift_chart(drift))
    elif not drift.empty and drift["psi"].notna().any():
        lead += " Nothing in the data has moved since the model was fitted."
    elif not charts:
        return None
    if not charts:
        lead += " They have been built for one date so far: who moves is seen from the next on."
    return Section("over-time", "Over time", lead, tuple(charts))


def history_of(
    published: Published, segment: int, looks: Looks
) -> tuple[Chart | None, list[tuple[str, Table]]]:
    """Return how one segment's size went on, and who came and went at the newest date.

    Parameters
    ----------
    published : Published
    segment : int
        Its id.
    looks : mapping of int to Look
    """
    sizes, moves = data_trust.sizes_over_time(published), data_trust.migrations(published)
    own = sizes if sizes.empty else sizes[sizes["segment_id"] == segment]
    if own.empty or own["as_of_date"].nunique() < 2:
        return None, []
    first, last = own.iloc[0], own.iloc[-1]
    chart = Chart(
        "history",
        f"{published.units.capitalize()} at every date built",
        figures_trust.size_over_time(own, looks[segment]),
        f"{number(first['size'])} on {_day(first['as_of_date'])}, {number(last['size'])} on "
        f"{_day(last['as_of_date'])}.",
        table_of(
            own,
            {
                "as_of_date": ("Date", _day),
                "size": (published.units.capitalize(), None),
                "share": ("Share", percent),
            },
        ),
    )
    tables = [
        (title, _moves_table(moves, own_end, other_end, segment, sizes, published.units))
        for title, own_end, other_end in (
            ("Where they came from", "to_segment_id", "from_segment_id"),
            ("Where they went", "from_segment_id", "to_segment_id"),
        )
    ]
    return chart, [(title, table) for title, table in tables if table.rows]


def _moves_table(
    moves: pd.DataFrame, own: str, other: str, segment: int, sizes: pd.DataFrame, units: str
) -> Table:
    if moves.empty:
        return Table((), (), ())
    names, outside = _names(sizes), "new" if other == "from_segment_id" else "left"
    is_here, was_here = (moves[name].fillna(0) == segment for name in (own, other))
    found = moves[is_here & ~was_here]
    told = [outside if pd.isna(one) else f"{int(one)} · {names[one]}" for one in found[other]]
    return table_of(
        found.assign(told=told).sort_values("size", ascending=False, kind="stable"),
        {"told": ("Segment", None), "cause": ("Because", None), "size": (units.capitalize(), None)},
    )


def _names(sizes: pd.DataFrame) -> dict[int, str]:
    if sizes.empty:
        return {}
    return dict(zip(sizes["segment_id"], sizes["segment_name"], strict=True))


def _sizes_chart(sizes: pd.DataFrame, looks: Looks, units: str) -> Chart:
    dates = sorted(sizes["as_of_date"].unique())
    columns = {"as_of_date": ("Date", _day)} | SEGMENT
    return Chart(
        "sizes-over-time",
        "Shares of the segments, at every date built",
        figures_trust.sizes_over_time(sizes, looks),
        f"From {_day(dates[0])} to {_day(dates[-1])}, {len(dates)} dates.",
        table_of(
            sizes, columns | {"size": (units.capitalize(), None), "share": ("Share", percent)}
        ),
    )


def _worth(segments: pd.DataFrame) -> dict[int, float]:
    """Return what a unit of each segment brought, by id; empty where nothing says so."""
    known = segments.dropna(subset=["value"])
    return dict(zip(known["segment_id"], known["value"] / known["size"], strict=True))


def _up_and_down(moves: pd.DataFrame, worth: dict[int, float], unit_word: str) -> str:
    """Say how many moved to a segment that is worth more, and how many to one worth less."""
    start, end = (moves[f"{name}_segment_id"].map(worth) for name in ("from", "to"))
    up, down = (int(moves.loc[rows, "size"].sum()) for rows in (end > start, end < start))
    if not worth or up + down == 0:
        return ""
    more = f"to a segment that brought more per {unit_word}"
    return f" {up:,} moved up, {more}, and {down:,} moved down."


def _migration_chart(
    moves: pd.DataFrame,
    names: dict[int, str],
    looks: Looks,
    units: str,
    worth: dict[int, float],
) -> Chart:
    both = moves["from_segment_id"].notna() & moves["to_segment_id"].notna()
    changed = both & (moves["from_segment_id"] != moves["to_segment_id"])
    total = int(moves.loc[both, "size"].sum())
    moved = int(moves.loc[changed, "size"].sum())
    day = _day(moves["as_of_date"].iloc[0])
    shown = moves.assign(
        start=[figures_trust.JOINED if pd.isna(s) else str(int(s)) for s in moves.from_segment_id],
        end=[figures_trust.LEFT if pd.isna(s) else str(int(s)) for s in moves.to_segment_id],
    )
    return Chart(
        "migrations",
        f"Who moved, up to {day}",
        figures_trust.migration_flow(moves, names, looks),
        f"{moved:,} of {total:,} {units} changed their segment "
        f"({percent(moved / max(total, 1))}); the others stayed."
        + _up_and_down(moves, worth, units.removesuffix("s")),
        table_of(
            shown,
            {
                "start": ("From", None),
                "end": ("To", None),
                "cause": ("Cause", None),
                "size": (units.capitalize(), None),
            },
        ),
        note="Left: the date before; right: this date.",
    )


def _drift_chart(drift: pd.DataFrame) -> Chart:
    moving = drift[drift["status"].isin(["moving", "drifted"])]
    words = (
        "Nothing has moved past the warning level since the model was fitted."
        if moving.empty
        else f"{listed([label(f) for f in moving['feature']])} moved past the warning level since "
        "the model was fitted."
    )
    return Chart(
        "drift",
        "How far the data has moved since the model was fitted",
        figures_trust.drift_bars(drift),
        words,
        table_of(
            drift[drift["psi"].notna()],
            {
                "feature": ("Feature", label),
                "psi": ("PSI", lambda v: number(v, 3)),
                "warn_above": ("Warns above", lambda v: number(v, 3)),
                "drifted_above": ("Refits above", lambda v: number(v, 3)),
                "is_trigger": ("Can cause a refit", lambda v: "yes" if v else "no"),
                "status": ("Status", None),
            },
        ),
    )


def provenance(published: Published) -> Section:
    """Return the section on model versions and on what was wrong with the source data."""
    units = published.units.capitalize()
    tables = [
        (
            "Model versions",
            table_of(
                data.models(published),
                {
                    "model_version": ("Version", str),
                    "status": ("Status", None),
                    "reason": ("Fitted because", None),
                    "as_of_date": ("Data as of", _day),
                    "recipe_name": ("Recipe", None),
                    "rows_fitted": ("Rows fitted", None),
                    "k": ("k", str),
                    "silhouette": ("Silhouette", lambda v: number(v, 3)),
                },
            ),
        )
    ]
    agreement = data_trust.agreement(published)
    if not agreement.empty:
        columns = {
            "other_version": ("Version", str),
            "size": (units, None),
            "same_share": ("In the same segment", percent),
        }
        tables.append(("Beside another version", table_of(agreement, columns)))
    left_out = data.exclusions(published)
    if not left_out.empty:
        columns = {"reason": ("Reason", None), "size": (units, None)}
        tables.append((f"{units} left out", table_of(left_out, columns)))
    checks = data.data_quality(published)
    if not checks.empty:
        columns = {
            "table_name": ("Source table", None),
            "check_name": ("What", None),
            "rows": ("Rows", None),
            "share": ("Share", percent),
            "action": ("What was done", None),
        }
        tables.append(("What was wrong in the source", table_of(checks, columns)))
    lead = "Which model this is, what was left out, and what was mended in the source."
    return Section("provenance", "Where it comes from", lead, tables=tuple(tables))


def _day(value: object) -> str:
    if pd.isna(value) or pd.Timestamp(value).date() == data.UNDATED:
        return "–"
    return pd.Timestamp(value).strftime("%Y-%m-%d")
