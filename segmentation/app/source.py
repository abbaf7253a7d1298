"""The published file behind the page: opened for each question, its answers kept until it changes.

Answers are kept by the file's inode and time of change, so the next interaction after a publication
asks the new file. No connection outlives its question.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from segmentation.published.served import CommandError, Published, open_published, published_file

SERVING = "SEGMENTATION_SERVING"
KEPT_ANSWERS = 120
Result = TypeVar("Result")


@dataclass(frozen=True)
class Source:
    """One publication, seen by one segmentation.

    Attributes
    ----------
    serving : str
        Folder of the published file.
    segmentation : str
        Its name.
    stamp : tuple of int
        Inode, time of change and size of the file; zeros without a file.
    """

    serving: str
    segmentation: str | None
    stamp: tuple[int, int, int]

    def ask(
        self, question: Callable[..., Result], *arguments: object, told: str = "Reading …"
    ) -> Result:
        """Return what a function of an open `Published` says, shown as `told` while it takes.

        Raises
        ------
        CommandError
            If there is no published file, or the question has no answer.
        """
        name = f"{question.__module__}.{question.__qualname__}"
        with st.spinner(told):
            return _answered(self, name, arguments, question)

    @property
    def unit(self) -> str:
        """What a row is, e.g. ``customer``."""
        return self._facts["unit"]

    @property
    def units(self) -> str:
        """What rows are, e.g. ``customers``."""
        return self._facts["units"]

    @property
    def key(self) -> str:
        """Name of the key column."""
        return self._facts["key"]

    @property
    def _facts(self) -> dict[str, str]:
        return _answered(self, "facts", (), _facts_of)


def _facts_of(published: Published) -> dict[str, str]:
    return {"unit": published.unit, "units": published.units, "key": published.key}


@st.cache_data(max_entries=KEPT_ANSWERS, show_spinner=False)
def _answered(source: Source, name: str, arguments: tuple, _question: Callable) -> object:
    with open_published(source.serving, source.segmentation) as published:
        return _question(published, *arguments)


def source_of(segmentation: str | None = None) -> Source:
    """Return the publication there is at this moment."""
    serving = os.environ.get(SERVING, "serving")
    try:
        found = published_file(serving).stat()
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
    except OSError:
        stamp = (0, 0, 0)
    return Source(serving, segmentation, stamp)


def current() -> Source:
    """Return the publication and the segmentation that this page was drawn for."""
    return st.session_state["source"]


def context(published: Published) -> dict:
    """Return what every page shows: overview, segments with their looks, worth of a row."""
    # Imported here: the sign-in page needs none of the drawing libraries.
    from segmentation.report import data, data_trust
    from segmentation.report.colours import looks

    segments = data.segments(published)
    if segments.empty:
        raise CommandError(
            f"No {published.unit} is in a segment: run `segmentation build` on a shop with orders."
        )
    sizes = data_trust.sizes_over_time(published)
    ever = [] if sizes.empty else sizes["segment_id"]
    return {
        "overview": data.overview(published),
        "segments": segments,
        "looks": looks(segments["segment_id"], retired=ever),
        "value": data.value_label(segments),
    }
