"""What a build says in the end: what was published, what was found, and where the report is."""

from pathlib import Path
from textwrap import fill

import duckdb

from segmentation.building.kept import kept_of_the_source
from segmentation.published.serving_folder import DATABASE, PARQUET, replaced_another

WIDTH = 100


def summary(serving: Path) -> str:
    """Return what was published and, by segmentation, whether to believe it and what was found.

    Parameters
    ----------
    serving : Path
        The folder that BI reads.
    """
    path = serving / DATABASE
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute("select count(*) from publications").fetchall()[0][0]
        told = connection.execute(
            """
            select segmentation, unit, is_stale, reason, verdict, prediction
            from segmentations
            left join segmentation_quality using (segmentation, model_version)
            order by segmentation <> 'customer', segmentation
            """
        ).fetchall()
        found = connection.execute(
            "select segmentation, segment_id, segment_name, units, share from segments "
            "order by segment_id"
        ).fetchall()
        kept = kept_of_the_source(connection)
    lines = ["", f"Published {tables} tables: {path} and {serving / PARQUET}/"]
    if replaced := replaced_another(serving):
        lines += ["", fill(replaced, WIDTH, subsequent_indent="  ")]
    for name, unit, is_stale, reason, *sentences in told:
        segments = [row for segmentation, *row in found if segmentation == name]
        if is_stale:
            state = "what was published before stands" if segments else "none are published"
            lines += ["", f"This build left out the {unit}, {state}: {reason}"]
        for sentence in filter(None, sentences):
            lines += ["", fill(sentence, WIDTH, subsequent_indent="  ")]
        lines += _table_of(segments, unit) if segments else []
    lines += ["", fill(kept, WIDTH, subsequent_indent="  ")] if kept else []
    return "\n".join(lines)


def _table_of(segments: list[list], unit: str) -> list[str]:
    width, count_width = max(len(name) for _, name, *_ in segments), max(len(unit), 9)
    return [
        "",
        f"  id  {'segment':<{width}}  {unit:>{count_width}}   share",
        *(
            f"  {number:>2}  {name:<{width}}  {units:>{count_width},}  {share:>6.1%}"
            for number, name, units, share in segments
        ),
    ]


def report(serving: Path) -> str:
    """Write the report and say where it is; a failure is a sentence, the publication stands.

    Parameters
    ----------
    serving : Path
        The folder that BI reads.
    """
    try:
        # Imported here: a build that fails early needs no drawing library.
        from segmentation.report.page import write_report

        return f"\nReport: {write_report(serving)}"
    except Exception as error:  # whatever goes wrong with a page must not fail a publication
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return f"\nThe segments are published, but the report could not be made: {reason}"
