"""The sections that only a shop has: RFM and retention, baskets, products."""

import pandas as pd

from segmentation.published.served import Published, open_published
from segmentation.report import data, data_shop, figures, figures_trust
from segmentation.report.colours import looks as looks_of
from segmentation.report.parts import Card, Chart, Section, Table, Verdict, keys_of, table_of
from segmentation.report.sections import Looks, how_many, size_charts
from segmentation.report.sections import cards as segment_cards
from segmentation.report.words import between, listed, number, percent, segments_named

CATEGORIES = 20
"""Categories drawn of the baskets at most."""
PAIRS = 5
"""Pairs of categories told at most."""


def rules(published: Published, looks: Looks) -> Section | None:
    """Return the section that compares with the rule of thumb: RFM, and who came back."""
    charts = []
    cells = data_shop.rfm_by_segment(published)
    if not cells.empty:
        charts.append(_rfm_chart(cells))
    retention = data_shop.retention(published)
    if not retention.empty:
        charts.append(_retention_chart(retention, looks))
    if not charts:
        return None
    lead = (
        "The classical yardstick: customers scored by recency, frequency and money and named by "
        "fixed rules. Where a segment falls into one cell, the two agree."
    )
    return Section("rules", "Beside the classical rules (RFM)", lead, tuple(charts))


def _rfm_chart(cells: pd.DataFrame) -> Chart:
    order = list(cells.drop_duplicates("rfm_cell")["rfm_cell"])
    top = cells.rename(columns={"rfm_cell": "what", "share_of_segment": "share"})
    return Chart(
        "rfm",
        "How each segment falls into the RFM cells",
        figures.segment_heatmap(cells, "rfm_cell", "share_of_segment", order),
        _most(top, "is {} {}"),
        table_of(
            cells[cells["customers"] > 0],
            {
                "rfm_cell": ("RFM cell", None),
                "segment_id": ("Segment", str),
                "customers": ("Customers", None),
                "share_of_segment": ("Share of the segment", percent),
                "share_of_cell": ("Share of the cell", percent),
            },
        ),
        note="Each column adds up to 100 %.",
    )


def _most(shares: pd.DataFrame, sentence: str) -> str:
    """Say what each segment is most often, or mostly, where that is more than half.

    Parameters
    ----------
    shares : DataFrame
        segment_id, what, share (of the segment).
    sentence : str
        Its verb, with places for how often and for what.
    """
    told = []
    for segment, rows in shares[shares["share"] > 0].groupby("segment_id"):
        top = rows[rows["share"] == rows["share"].max()]
        share = top["share"].iloc[0]
        each = " each" if len(top) > 1 else ""
        often = "mostly" if share > 0.5 else "most often"
        verb = sentence.format(often, listed([str(one) for one in top["what"]]))
        told.append(f"Segment {segment} {verb} ({percent(share)}{each}).")
    return " ".join(told)


def _retention_chart(retention: pd.DataFrame, looks: Looks) -> Chart:
    return Chart(
        "retention",
        "Who came back after the first order",
        figures_trust.retention_bars(retention, looks),
        _came_back(retention[retention["window_days"] == retention["window_days"].max()]),
        table_of(
            retention.assign(
                interval=[
                    between(*ends, percent)
                    for ends in zip(retention["low"], retention["high"], strict=True)
                ]
            ),
            {
                "segment_id": ("Segment", str),
                "window_days": ("Within days", None),
                "customers": ("Customers observed", None),
                "retention_rate": ("Came back", percent),
                "interval": ("95 % interval", None),
            },
        ),
        note="Only customers whose window has passed by the date of the data are counted.",
    )


def _came_back(last: pd.DataFrame) -> str:
    within = f"Within {last['window_days'].iloc[0]} days"
    rate = last["retention_rate"].max()
    if rate == 0:
        return f"{within}, nobody came back."
    best = last[last["retention_rate"] == rate]
    counts = listed([f"{size:,}" for size in best["customers"]])
    told = (
        f"{within}, {segments_named([str(one) for one in best['segment_id']])} came back most "
        f"often: {percent(rate)} of {counts} customers."
    )
    near = last[(last["retention_rate"] < rate) & (last["high"] >= best["low"].min())]
    if near.empty:
        return told
    names = segments_named([str(one) for one in near["segment_id"]])
    return f"{told} By chance alone {names} could be ahead."


def baskets(published: Published) -> Section | None:
    """Return the section on what is bought together; None without baskets."""
    weights = data_shop.baskets(published)
    if weights.empty:
        return None
    names = _basket_names(weights)
    charts = [_basket_chart(weights, names)]
    shares = data_shop.baskets_by_segment(published)
    if len(names) > 1 and not shares.empty:
        charts.append(_basket_segment_chart(shares, names))
    lead = "Typical mixes of categories, found by factorising what each customer bought (NMF)."
    if len(names) == 1:
        lead += " A single mix was found: customers differ little in what they mix."
    lead = f"{lead} {_pair_words(data_shop.basket_pairs(published))}"
    return Section("baskets", "What is bought together", lead, tuple(charts))


def _pair_words(pairs: pd.DataFrame) -> str:
    if pairs.empty:
        return "No two categories are bought together more often than chance explains."
    told = [
        f"{row.category_a} and {row.category_b} ({number(row.lift)} times, between "
        f"{number(row.lift_low)} and {number(row.lift_high)})"
        for row in pairs.head(PAIRS).itertuples()
    ]
    more = f"; {len(pairs) - PAIRS} more in basket_pairs" if len(pairs) > PAIRS else ""
    return f"Bought together more often than chance explains: {listed(told)}{more}."


def _basket_names(weights: pd.DataFrame) -> dict[int, str]:
    first = weights.drop_duplicates("component")
    return {
        int(component): f"{component}: {name}"
        for component, name in zip(first["component"], first["name"], strict=True)
    }


def _basket_chart(weights: pd.DataFrame, names: dict[int, str]) -> Chart:
    wide = weights.pivot(index="category", columns="component", values="weight").fillna(0.0)
    order = wide.max(axis=1).sort_values(ascending=False, kind="stable").index[:CATEGORIES]
    wide = wide.loc[order]
    return Chart(
        "baskets",
        "Weight of each category in each basket"
        + (f", the {CATEGORIES} heaviest" if len(order) == CATEGORIES else ""),
        figures.heatmap(
            wide.to_numpy(float),
            x=[str(component) for component in wide.columns],
            y=[str(category) for category in wide.index],
            text=[[percent(v) if v >= 0.01 else "" for v in row] for row in wide.to_numpy(float)],
            scale_title="weight",
        ).update_layout(xaxis={"title": "Basket"}, coloraxis={"colorbar": {"tickformat": ".0%"}}),
        " ".join(f"Basket {name}." for name in names.values()),
        table_of(
            weights[weights["weight"] >= 0.01].assign(
                basket=[names[c] for c in weights.loc[weights["weight"] >= 0.01, "component"]]
            ),
            {
                "basket": ("Basket", None),
                "category": ("Category", None),
                "weight": ("Weight", percent),
            },
        ),
        note="Each column adds up to 100 % over all categories.",
    )


def _basket_segment_chart(shares: pd.DataFrame, names: dict[int, str]) -> Chart:
    named = shares.assign(basket=[names.get(c, str(c)) for c in shares["component"]])
    return Chart(
        "baskets-segments",
        "Strongest basket of the customers of each segment",
        figures.segment_heatmap(shares, "component", "share").update_layout(
            yaxis={"title": "Basket"}
        ),
        _most(shares.rename(columns={"component": "what"}), "buys {} basket {}"),
        table_of(
            named,
            {
                "segment_id": ("Segment", str),
                "basket": ("Basket", None),
                "customers": ("Customers", None),
                "share": ("Share", percent),
            },
        ),
        note="Rows are baskets, columns segments; each column adds up to 100 %.",
    )


def products(published: Published) -> Section | None:
    """Return the section on product segments; None if they were not built."""
    if "product" not in published.segmentations():
        return None
    with open_published(published.path.parent, "product") as other:
        return _products(other)


def _products(other: Published) -> Section:
    segments = data.segments(other)
    looks = looks_of(segments["segment_id"])
    charts = size_charts(segments, looks, other.units, "product-sizes")
    chosen = how_many(other, looks, "product-")
    cards = segment_cards(other, segments, pd.DataFrame())
    found = data.overview(other)
    lead = (
        f"{number(segments['size'].sum())} {other.units} that were sold, in {len(segments)} "
        "segments of their own. Their numbers and colours have nothing to do with those of the "
        "customers."
    )
    if chosen:
        lead += f" {chosen.lead}"
    if found.notice:
        lead = f"{found.notice} {lead}"
    return Section(
        "products",
        "Segments of products",
        f"{lead} All that is known of them stands on a page of their own, product.html.",
        tuple(charts),
        (("What to do with each", _what_to_do(cards)),),
        keys_of(segments, looks),
        Verdict(found.verdict, found.has_structure),
        part="Products",
    )


def _what_to_do(cards: list[Card]) -> Table:
    return Table(
        ("Segment", "Name", "What sets it apart", "What to do"),
        tuple(
            (str(card.segment_id), card.name, "; ".join(card.traits), card.suggestion)
            for card in cards
        ),
        (False, False, False, False),
    )
