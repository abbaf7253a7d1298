"""Print what was found in the tables, as Markdown; ``--readme`` puts it into README.md."""

import os
import sys
from pathlib import Path

import duckdb

FOLDER = Path(__file__).parent
START, END = "<!-- report: written by `make report` -->\n", "<!-- end of report -->"
TITLES = {
    "wholesale": "UCI wholesale",
    "customers_24k": "24,000 customers",
    "vehicle_customer": "Vehicle sales, per customer",
    "vehicle_product_line": "Vehicle sales, per product line",
}


def markdown(header: list[str], rows: list[tuple]) -> str:
    """Return a table; figures keep two decimals."""
    cells = [[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in r] for r in rows]
    lines = ["| " + " | ".join(line) + " |" for line in (header, ["---"] * len(header), *cells)]
    return "\n".join(lines)


def segments(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return the segments with their sizes."""
    rows = connection.execute(
        """
        select segment_id, segment_name, units, share
        from segments where segmentation = ? order by segment_id
        """,
        [name],
    ).fetchall()
    (unit,) = connection.execute(
        "select unit from segmentations where segmentation = ?", [name]
    ).fetchone()
    return markdown(["id", "segment", unit.replace("_", " "), "share"], rows)


def cluster_report(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return the most frequent value of every feature in every segment, share and lift."""
    frame = connection.execute(
        """
        select segment_id, feature,
            concat(value, ' (', round(100 * share)::int, ' %, ', round(lift, 1), '×)') as told
        from cluster_report where segmentation = ? and rank = 1 order by feature, segment_id
        """,
        [name],
    ).df()
    wide = frame.pivot(index="feature", columns="segment_id", values="told").reset_index()
    header = ["feature", *(f"segment {number}" for number in wide.columns[1:])]
    return markdown(header, list(wide.itertuples(index=False)))


def chosen(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return which k was chosen, why, and the verdict."""
    k, reason, silhouette, stability, verdict = connection.execute(
        """
        select quality.k, candidates.reason, quality.silhouette, quality.smallest_stability,
            quality.verdict
        from segmentation_quality as quality
        inner join k_candidates as candidates
            on quality.segmentation = candidates.segmentation
            and quality.model_version = candidates.model_version
            and candidates.is_selected
        where quality.segmentation = ?
        """,
        [name],
    ).fetchone()
    figures = f"silhouette {silhouette:.2f}, least stable segment {stability:.2f}"
    return f"**k = {k}** ({figures}): {reason}.\n\n{verdict}"


def baskets() -> str:
    """Return the baskets of the wholesale customers, from the warehouse: they are not published."""
    path = os.environ.get("SEGMENTATION_WAREHOUSE", str(FOLDER / "integration.duckdb"))
    with duckdb.connect(path, read_only=True) as connection:
        rows = connection.execute(
            """
            select c.component, c.component_name,
                string_agg(c.category || ' ' || round(c.weight, 2), ', '
                    order by c.weight desc, c.category),
                (select count(*) from wholesale_baskets as b
                    where b.component = c.component and b.is_strongest)
            from wholesale_basket_components as c
            group by all order by 1
            """
        ).fetchall()
        (reason,) = connection.execute(
            "select any_value(reason) from wholesale_basket_components"
        ).fetchone()
    table = markdown(["basket", "name", "weights", "strongest for"], rows)
    return (
        f"Baskets by non-negative matrix factorisation of log(1 + spending): {reason}.\n\n{table}"
    )


def report() -> str:
    """Return the whole report."""
    serving = Path(os.environ.get("SEGMENTATION_SERVING", str(FOLDER / "serving")))
    parts = []
    with duckdb.connect(str(serving / "segmentation.duckdb"), read_only=True) as connection:
        for name, title in TITLES.items():
            found = (chosen, segments, cluster_report)
            parts += [f"### {title}", *(part(connection, name) for part in found)]
            if name == "wholesale":
                parts.append(baskets())
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    text = report()
    if "--readme" in sys.argv[1:]:
        readme = FOLDER / "README.md"
        before, rest = readme.read_text(encoding="utf-8").split(START)
        readme.write_text(f"{before}{START}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    else:
        print(text)
