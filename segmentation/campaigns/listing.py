"""``segmentation campaigns``: list the campaigns of a warehouse, close or delete one."""

from dataclasses import asdict
from datetime import timedelta

from click import Option

from segmentation.campaigns.allocation import PARTS
from segmentation.campaigns.store import Campaign, Store, campaigns_file
from segmentation.cli.options import JSON, PUBLISHED, Arguments, warehouse
from segmentation.cli.telling import tell
from segmentation.published import served

PARAMETERS = [
    warehouse("They lie beside it."),
    Option(["--close"], metavar="NAME", help="Orders after the data do not count."),
    Option(["--delete"], metavar="NAME", help="Forget it, and who was in it."),
    JSON,
    *PUBLISHED,
]
AT_MOST_ONE = ("--close", "--delete")


def run(arguments: Arguments) -> int:
    """Print the campaigns, or what was done to one."""
    store = Store(campaigns_file(arguments.warehouse))
    if arguments.close:
        with served.open_published(arguments.serving, arguments.segmentation) as published:
            day = published.as_of_date
        store.close(arguments.close, day)
        text = f"Closed: orders after {day} do not count for {arguments.close}."
        told = {"campaign": arguments.close, "closed_on": day}
    elif arguments.delete:
        store.delete(arguments.delete)
        text = f"Deleted: the next build publishes nothing of {arguments.delete}."
        told = {"campaign": arguments.delete, "is_deleted": True}
    else:
        campaigns = store.campaigns()
        text = "\n".join(map(_told, campaigns)) or f"There are no campaigns in {store.path}."
        told = [asdict(one) for one in campaigns]
    tell(text, told, arguments.json)
    return 0


def _told(one: Campaign) -> str:
    to = f"segment {one.segment_id}, {one.segment_name}" if one.segment_name else "a list"
    last = one.starts_on + timedelta(days=one.horizon_days - 1)
    end = f"closed on {one.closed_on}" if one.closed_on else f"to {last}"
    return (
        f"{one.campaign}  from {one.starts_on} {end}, {to}: {one.treated:,} treated, "
        f"{one.controls:,} controls ({one.control_parts / PARTS:.0%})"
    )
