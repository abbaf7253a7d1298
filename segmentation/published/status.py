"""``segmentation status``: what is published, how fresh, how far to trust it, what was left out."""

from datetime import date, datetime

from segmentation.cli.options import JSON, SERVING, Arguments
from segmentation.cli.telling import tell, wrapped
from segmentation.published import served
from segmentation.published.kept import kept_of_the_source
from segmentation.published.served import Published

STALE_DAYS = 60
"""Data older than this are said to be old."""
QUERY = """
    select
        segmentation, unit, model_version, cast(as_of_date as varchar) as as_of_date, units,
        is_stale, reason, verdict, prediction, smallest_stability,
        (
            select count(*) from published.segments as one
            where one.segmentation = published.segmentations.segmentation
        ) as segments
    from published.segmentations
    left join published.segmentation_quality using (segmentation, model_version)
    order by segmentation <> 'customer', segmentation
"""
LEFT_OUT = """
    select segmentation, reason, count(*) as units
    from published.exclusions
    group by all
    order by units desc, reason
"""


def stated(published: Published, today: date) -> dict:
    """Return what is published as one mapping, that of ``--json``.

    Parameters
    ----------
    published : Published
    today : date
        What the age of the data is counted from.
    """
    frame = published.frame(QUERY).astype(object)
    segmentations = frame.where(frame.notna(), None).to_dict("records")
    left_out = published.rows(LEFT_OUT)
    for one in segmentations:
        day = one["as_of_date"]
        one["age_days"] = (today - date.fromisoformat(day)).days if day else None
        for name in ("model_version", "units", "segments"):
            one[name] = None if one[name] is None else int(one[name])
        one["left_out"] = {
            reason: int(units)
            for segmentation, reason, units in left_out
            if segmentation == one["segmentation"]
        }
    return {
        "file": str(published.path),
        "published_at": datetime.fromtimestamp(published.path.stat().st_mtime).isoformat(
            timespec="seconds"
        ),
        "segmentations": segmentations,
        "kept": kept_of_the_source(published.connection) or None,
    }


def text_of(status: dict) -> str:
    """Return it for reading, in 80 columns."""
    lines = [f"{status['file']}, published {status['published_at'].replace('T', ' at ')}"]
    for one in status["segmentations"]:
        lines += ["", *_told(one)]
    if status["kept"]:
        lines += ["", wrapped(status["kept"])]
    return "\n".join(lines)


def _told(one: dict) -> list[str]:
    if one["model_version"] is None:
        return [wrapped(f"{one['segmentation']}: no segments yet: {one['reason']}")]
    head = (
        f"{one['segmentation']}: {one['units']:,} {one['unit']} in {one['segments']} segments of "
        f"model {one['model_version']}, data of {one['as_of_date']} ({one['age_days']:,} days ago)."
    )
    told = [head]
    if one["is_stale"]:
        told.append(f"The last build left them out, what was published before stands: {_of(one)}")
    elif one["age_days"] > STALE_DAYS:
        told.append(f"The data are more than {STALE_DAYS} days old: build of newer ones.")
    told += [one["verdict"], one["prediction"]]
    if one["smallest_stability"] is not None:
        told.append(
            f"The least stable segment is found again with a similarity of "
            f"{one['smallest_stability']:.2f} (1 is always the same)."
        )
    if one["left_out"]:
        reasons = ", ".join(f"{units:,} {reason}" for reason, units in one["left_out"].items())
        told.append(f"Without a segment: {reasons}.")
    return [wrapped(told[0]), *(wrapped(line, "  ", "    ") for line in told[1:] if line)]


def _of(one: dict) -> str:
    return f"{str(one['reason']).removesuffix('.')}."


PARAMETERS = [SERVING, JSON]


def run(arguments: Arguments) -> int:
    """Print what is published; return 0."""
    with served.open_published(arguments.serving) as published:
        status = stated(published, date.today())
    tell(text_of(status), status, arguments.json)
    return 0
