"""``segmentation campaigns``: list the campaigns of a warehouse, close or delete one."""

import argparse
from datetime import timedelta

from segmentation.campaigns.allocation import PARTS
from segmentation.campaigns.store import Campaign, Store, campaigns_file
from segmentation.published import served


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``segmentation campaigns``."""
    served.add_arguments(parser)
    served.add_warehouse(parser, "they lie beside it")
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--close", metavar="NAME", help="orders after the data do not count")
    asked.add_argument("--delete", metavar="NAME", help="forget it, and who was in it")


def run(arguments: argparse.Namespace) -> int:
    """Print the campaigns, or what was done to one."""
    store = Store(campaigns_file(arguments.warehouse))
    if arguments.close:
        with served.open_published(arguments.serving, arguments.segmentation) as published:
            day = published.as_of_date
        store.close(arguments.close, day)
        print(f"Closed: orders after {day} do not count for {arguments.close}.")
    elif arguments.delete:
        store.delete(arguments.delete)
        print(f"Deleted: the next build publishes nothing of {arguments.delete}.")
    else:
        campaigns = store.campaigns()
        print("\n".join(map(_told, campaigns)) or f"There are no campaigns in {store.path}.")
    return 0


def _told(one: Campaign) -> str:
    to = f"segment {one.segment_id}, {one.segment_name}" if one.segment_name else "a list"
    last = one.starts_on + timedelta(days=one.horizon_days - 1)
    end = f"closed on {one.closed_on}" if one.closed_on else f"to {last}"
    return (
        f"{one.campaign}  from {one.starts_on} {end}, {to}: {one.treated:,} treated, "
        f"{one.controls:,} controls ({one.control_parts / PARTS:.0%})"
    )
