"""What a page is made of: sections of charts, each with words and a table."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import pandas as pd
import plotly.graph_objects as go

from segmentation.published.output import harmless_text
from segmentation.report.colours import Look, ink_on
from segmentation.report.words import number

Format = Callable[[object], str]


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Attributes
    ----------
    headers : tuple of str
    rows : tuple of tuples of str
    numeric : tuple of bool
        Which columns are numbers, to be set flush right.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]


@dataclass(frozen=True, eq=False)
class Chart:
    """A figure with the same content in words and as a table.

    Attributes
    ----------
    name : str
        Unique on the page.
    title : str
        What the figure shows, downsampling included.
    figure : Figure
    alternative : str
        What a reader who cannot see the figure should know.
    table : Table
    note : str
        How to read it, below the figure; may be empty.
    heavy : bool
        Drawn only when it comes near the screen.
    width : str
        full, two-thirds or third of a wide screen.
    """

    name: str
    title: str
    figure: go.Figure
    alternative: str
    table: Table
    note: str = ""
    heavy: bool = False
    width: str = "full"


@dataclass(frozen=True)
class Verdict:
    """Whether to believe segments.

    Attributes
    ----------
    text : str
        One sentence.
    trusted : bool or None
        Its short form; None where it was not tested.
    """

    text: str
    trusted: bool | None


@dataclass(frozen=True, eq=False)
class Section:
    """A part of the page: a heading, a paragraph, charts and tables.

    Attributes
    ----------
    name, title, lead : str
    charts : tuple of Chart
    tables : tuple of (str, Table)
        Further tables with their titles.
    keys : tuple of Key
        Segments of its own, where they are not those of the page.
    verdict : Verdict or None
        On segments of its own.
    part : str
        Heading of the part of the page that begins with it; empty for all but one.
    """

    name: str
    title: str
    lead: str
    charts: tuple[Chart, ...] = ()
    tables: tuple[tuple[str, Table], ...] = ()
    keys: tuple["Key", ...] = ()
    verdict: Verdict | None = None
    part: str = ""


@dataclass(frozen=True)
class Key:
    """A segment in the key to the figures: number, name, colour and the colour of text on it."""

    segment_id: int
    name: str
    colour: str
    ink: str


@dataclass(frozen=True)
class Card:
    """One segment on one card.

    Attributes
    ----------
    segment_id, name : int, str
    size : str
        E.g. "5,295 customers".
    share, value_share : float
        Fractions of all; value_share is NaN where nothing says what a row is worth.
    figures : tuple of (str, str)
        What it is worth and how it buys: name and value.
    traits : tuple of str
        What sets it apart.
    rule : str
        Who is in it, and how well that says it; may be empty.
    kind, suggestion, aims_at, success : str
        What to do with it, what for, and how to see that it worked; may be empty.
    stake : str
        What it is expected to bring, and what is at risk; may be empty.
    tried : str
        Which campaigns with such a suggestion worked; may be empty.
    objection : str
        What of its name is no longer true; may be empty.
    stability : str
        Verdict in words; may be empty.
    values : Table
        Top values per feature.
    """

    segment_id: int
    name: str
    size: str
    share: float
    value_share: float
    figures: tuple[tuple[str, str], ...]
    traits: tuple[str, ...]
    rule: str
    kind: str
    suggestion: str
    aims_at: str
    success: str
    stake: str
    tried: str
    objection: str
    stability: str
    values: Table

    @property
    def csv(self) -> str:
        """The card as a CSV file in a link."""
        stream = io.StringIO()
        writer = csv.writer(stream)
        told = [
            ("Segment", str(self.segment_id)),
            ("Name", self.name),
            *self.figures,
            ("Rule", self.rule),
            ("Suggestion", self.suggestion),
            (),
            self.values.headers,
            *self.values.rows,
        ]
        writer.writerows([harmless_text(cell) for cell in row] for row in told)
        return f"data:text/csv;charset=utf-8,{quote(stream.getvalue())}"


@dataclass(frozen=True, eq=False)
class Page:
    """The whole report.

    Attributes
    ----------
    title : str
    facts : tuple of (str, str)
        What was built: name and value.
    notice : str or None
        One sentence that goes before everything else.
    verdict : Verdict
    prediction : str or None
        What the segments foretold, one sentence.
    brief : tuple of (str, str)
        The sentences that matter: what each is about, and what it says.
    units, value : str
        What rows are (customers), and what they are worth by (revenue).
    rules : str
        How far rules say who is in the segments; may be empty.
    cards : tuple of Card
    sections : tuple of Section
    keys : tuple of Key
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    notice: str | None
    verdict: Verdict
    prediction: str | None
    brief: tuple[tuple[str, str], ...]
    units: str
    value: str
    rules: str
    cards: tuple[Card, ...]
    sections: tuple[Section, ...]
    keys: tuple[Key, ...]

    def key_of(self, segment_id: int) -> Key:
        """Return number, name and colours of a segment."""
        return next(key for key in self.keys if key.segment_id == segment_id)


def keys_of(segments: pd.DataFrame, looks: Mapping[int, Look]) -> tuple[Key, ...]:
    """Return the key to the figures, by id."""
    return tuple(
        Key(int(row.segment_id), str(row.segment_name), colour, ink_on(colour))
        for row in segments.itertuples()
        for colour in [looks[row.segment_id].colour]
    )


def table_of(frame: pd.DataFrame, columns: Mapping[str, tuple[str, Format | None]]) -> Table:
    """Return columns of a frame as texts.

    Parameters
    ----------
    frame : DataFrame
    columns : mapping of column name to (header, format)
        In order. Without a format numbers are written as `words.number` does, all else as it is;
        columns that the frame does not have are left out.
    """
    shown = {name: spec for name, spec in columns.items() if name in frame}
    numeric = [
        pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name])
        for name in shown
    ]
    texts = [
        [_text(value, form, is_number) for value in frame[name]]
        for (name, (_, form)), is_number in zip(shown.items(), numeric, strict=True)
    ]
    return Table(
        tuple(header for header, _ in shown.values()),
        tuple(zip(*texts, strict=True)) if texts else (),
        tuple(numeric),
    )


def _text(value: object, form: Format | None, is_number: bool) -> str:
    if form:
        return form(value)
    if pd.isna(value):
        return "–"
    return number(value) if is_number else str(value)
