"""The page: sections in order, made into one HTML file that needs nothing else."""

import base64
import gzip
import json
from functools import cache
from importlib.resources import files
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from segmentation.published.output import opened, refuse_existing
from segmentation.published.served import Published, open_published
from segmentation.report import (
    data,
    data_trust,
    first_screen,
    sections,
    sections_campaigns,
    sections_shop,
    sections_trust,
    sections_value,
)
from segmentation.report.colours import looks as looks_of
from segmentation.report.colours import template
from segmentation.report.parts import Page, Section, Verdict, keys_of
from segmentation.report.words import count_of, number, percent, title_of

REPORT = "report.html"
PLOTLY = files("plotly") / "package_data" / "plotly.min.js"
COMPRESSION = 6
GENERATOR = '<meta name="generator" content="segmentation.report">'
BEGINNING = 4096
"""Characters of a page in which it says what made it."""


def write_report(
    serving: str | Path,
    target: str | Path | None = None,
    segmentation: str | None = None,
    force: bool = False,
) -> Path:
    """Write the report of the published file of a folder and return its path.

    The page appears whole or not at all: it is written beside its place and renamed.

    Parameters
    ----------
    serving : path
        Folder of the published files.
    target : path, optional
        Where to write; default ``report.html`` in that folder, ``<segmentation>.html`` where one
        is named that is not the shop's customers.
    segmentation : str, optional
        Which segmentation, by its name; the customers', where there are any, else the first.
    force : bool
        Whether to replace a file that is no report.

    Raises
    ------
    CommandError
        If there is no readable published file, it lacks the segments, or a file that is no report
        is in the way.
    """
    with open_published(serving, segmentation) as published:
        page = build_page(published)
    name = REPORT if segmentation in (None, "customer") else f"{segmentation}.html"
    path = Path(target) if target else Path(serving) / name
    refuse_existing(path, force or target is None or _is_report(path))
    with opened(str(path)) as stream:
        stream.write(render(page))
    return path


def _is_report(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return GENERATOR in file.read(BEGINNING)
    except OSError:
        return False


def build_page(published: Published) -> Page:
    """Read the published tables and arrange them; parts that were not built are left out.

    Parameters
    ----------
    published : Published
        An open published file.
    """
    segments = data.segments(published)
    sizes = data_trust.sizes_over_time(published)
    ever = [] if sizes.empty else sizes["segment_id"]
    looks = looks_of(segments["segment_id"], retired=ever)
    stability = data_trust.stability(published)
    found = data.overview(published)
    cards = tuple(sections.cards(published, segments, stability))
    return Page(
        title=title_of(published.segmentation),
        facts=_facts(found, segments, published.unit, published.units, _period(published, found)),
        notice=found.notice,
        verdict=Verdict(found.verdict, found.has_structure),
        prediction=found.prediction,
        brief=first_screen.told(published, found, segments, cards),
        units=published.units,
        value=data.value_label(segments),
        rules=data.rules_told(published),
        cards=cards,
        sections=tuple(_sections(published, segments, looks, stability, found.prediction)),
        keys=keys_of(segments, looks),
    )


def _period(published: Published, found: data.Overview) -> str:
    """Return the first and the last day of the data, as far as they are known."""
    if found.as_of_date == data.UNDATED:
        return ""
    first = None
    has_features = published.has(published.features)
    if has_features and "first_order_at" in published.columns(published.features):
        query = f"select cast(min(first_order_at) as date) from {published.features}"
        first = published.rows(query)[0][0]
    return f"{first} to {found.as_of_date}" if first else str(found.as_of_date)


def _facts(
    found: data.Overview, segments: pd.DataFrame, unit: str, units: str, period: str
) -> tuple[tuple[str, str], ...]:
    facts = [(units.capitalize(), number(found.rows))]
    if segments["value"].notna().any():
        facts.append(("Revenue", number(segments["value"].sum(), 0)))
    facts.append(("Segments", str(found.segments)))
    if period:
        facts.append(("Orders of" if " to " in period else "Data as of", period))
    if found.published_at is not None:
        facts.append(("Published", f"{found.published_at:%Y-%m-%d %H:%M} UTC"))
    if found.excluded:
        facts.append(("Left out", count_of(found.excluded, unit, units)))
    facts.append(("Model version", f"{found.model_version}, recipe {found.recipe_name}"))
    return tuple(facts)


def _sections(published, segments, looks, stability, prediction) -> list[Section]:
    is_shop = published.segmentation == "customer"
    found = [
        sections_value.future(published, prediction),
        sections_campaigns.campaigns(published) if is_shop else None,
        sections_trust.over_time(published, looks),
        sections_shop.rules(published, looks) if is_shop else None,
        sections_shop.baskets(published) if is_shop else None,
        sections_shop.products(published) if is_shop else None,
        _what_they_are_like(published, segments, looks),
        sections.how_many(published, looks),
        sections.where(published, looks),
        sections_trust.trust(published, looks, stability),
        sections_trust.provenance(published),
    ]
    return [section for section in found if section is not None]


def _what_they_are_like(published, segments, looks) -> Section:
    charts = sections.size_charts(segments, looks, published.units)
    charts += sections.profile_charts(data.profiles(published), looks)
    correlations = sections_trust.correlations(published)
    if correlations:
        charts.append(correlations)
    lead = "How large the segments are, and where their averages differ from those of all."
    return Section("profiles", "What they are like", lead, tuple(charts), part="For analysts")


def render(page: Page) -> str:
    """Return the page as HTML; every text from the data is escaped.

    Parameters
    ----------
    page : Page
    """
    environment = Environment(
        loader=PackageLoader("segmentation.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"json_script": json_script, "percent": percent}
    return environment.get_template("page.html.j2").render(
        page=page,
        themes={"light": _theme(dark=False), "dark": _theme(dark=True)},
        style=Markup(_asset("page.css")),
        script=Markup(_asset("page.js")),
        plotly=Markup(plotly_bundle()),
    )


def json_script(value: go.Figure | dict) -> Markup:
    """Return JSON that may stand inside a ``<script>`` element.

    ``<`` is written as an escape, so that no text of the data can end the element.
    """
    text = value.to_json() if isinstance(value, go.Figure) else json.dumps(value)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))


@cache
def plotly_bundle() -> str:
    """Return plotly.js, gzipped and in base64: 2 MB instead of 4.8, unpacked by the browser."""
    packed = gzip.compress(PLOTLY.read_bytes(), COMPRESSION, mtime=0)
    return base64.b64encode(packed).decode("ascii")


def _theme(dark: bool) -> dict:
    figure = go.Figure(layout={"template": template(dark)})
    return json.loads(figure.to_json())["layout"]["template"]


def _asset(name: str) -> str:
    return (files("segmentation.report") / "templates" / name).read_text(encoding="utf-8")
