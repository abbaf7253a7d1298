"""Ensures that figures draw what the frames say, in the segments' colours, with texts escaped."""

import numpy as np
import pandas as pd
import pytest

from segmentation.published.served import open_published
from segmentation.report import (
    data,
    data_shop,
    data_space,
    data_trust,
    figures,
    figures_space,
    figures_trust,
)
from segmentation.report.colours import looks

LOOKS = looks([1, 2, 9])


@pytest.fixture
def shop(published_shop):
    with open_published(published_shop) as published:
        yield published


def texts(figure):
    return figure.to_json().replace("\\u003c", "<").replace("\\u003e", ">")


def test_sizes_have_one_bar_per_segment_and_measure(shop):
    figure = figures.sizes(data.segments(shop), LOOKS)
    customers, revenue = figure.data
    assert list(customers.x) == pytest.approx([0.5, 1 / 3, 1 / 6])
    assert list(revenue.x) == pytest.approx([600 / 5800, 1200 / 5800, 4000 / 5800])
    assert list(customers.marker.color) == [LOOKS[one].colour for one in (1, 2, 9)]


def test_sizes_without_revenue_have_one_bar_per_segment(shop):
    segments = data.segments(shop).assign(value_share=np.nan)
    assert len(figures.sizes(segments, LOOKS).data) == 1


def test_the_heatmap_clips_colours_but_not_texts(shop):
    figure = figures.profile_heatmap(data.profiles(shop))
    heat = figure.data[0]
    row = list(heat.y).index("Total spend")
    assert heat.z[row][2] == 1
    assert heat.text[row][2] == "+314"
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (-1, 1)


def test_the_snake_has_one_line_per_segment_strongest_feature_on_top(shop):
    figure = figures.snake(data.profiles(shop), LOOKS)
    assert [trace.meta["segment"] for trace in figure.data] == [1, 2, 9]
    assert list(figure.data[2].y) == ["Total spend", "Return rate"]
    assert list(figure.data[2].x) == [2.2, 0.0]


def test_scores_of_k_leave_out_what_was_not_measured(shop):
    candidates = data.k_candidates(shop)
    assert len(figures.k_curves(candidates).data) == 4
    fewer = figures.k_curves(candidates.assign(gap=np.nan, stability=np.nan))
    assert [trace.name.split()[0] for trace in fewer.data] == ["Inertia", "Silhouette"]
    assert list(fewer.data[1].x) == [2, 3, 4]
    assert list(fewer.data[1].error_y.array) == [0.02, 0.01, 0.02]


def test_correlations_show_each_pair_twice_and_no_rank_correlation(shop):
    heat = figures.correlation_heatmap(data_trust.correlations(shop)).data[0]
    names = list(heat.y)
    assert names == list(heat.x)
    one, other = names.index("Age"), names.index("Total spend")
    assert heat.z[one][other] == heat.z[other][one] == -0.25


def test_maps_draw_every_point_once_in_its_segments_colour(shop):
    points = data_space.map_points(shop)
    centroids, loadings = data_space.centroids(shop), data_space.loadings(shop)
    figure = figures_space.component_map(points, centroids, loadings, LOOKS)
    assert sum(len(trace.x) for trace in figure.data) == 120
    assert [trace.marker.color for trace in figure.data] == [LOOKS[one].colour for one in (1, 2, 9)]
    assert figure.layout.xaxis.title.text == "component 1 (40%)"
    assert len(figures_space.space(points, LOOKS).data) == 3


@pytest.mark.parametrize(("shop_of", "kind"), [("published_shop", "scatter"),
                                               ("large_shop", "scattergl")])  # fmt: skip
def test_the_numbers_of_the_centres_lie_above_all_points_and_arrows(request, shop_of, kind):
    with open_published(request.getfixturevalue(shop_of)) as published:
        points = data_space.map_points(published)
        centroids, loadings = data_space.centroids(published), data_space.loadings(published)
    figure = figures_space.component_map(points, centroids, loadings, LOOKS)
    # Annotations lie above WebGL's canvas, which hides every trace of SVG, and in their order.
    assert {trace.type for trace in figure.data} == {kind}
    above = [(one.text, one.bgcolor) for one in figure.layout.annotations]
    assert above[-3:] == [(f"<b>{one}</b>", LOOKS[one].colour) for one in (1, 2, 9)]
    assert above[0][0] == "Total spend, Orders"


def crossed() -> pd.DataFrame:
    return pd.DataFrame({"segment_id": 1, "x": [-5.0, 5.0], "y": [-5.0, 5.0]})


def test_numbers_of_centres_in_one_place_stand_side_by_side():
    centres = pd.DataFrame({"segment_id": [9, 1, 2], "x": [1.0, 1.1, 4], "y": [1.0, 1.0, 1.0]})
    figure = figures_space.component_map(crossed(), centres, pd.DataFrame(), LOOKS)
    shifts = {one.text: one.xshift for one in figure.layout.annotations}
    assert shifts == {"<b>9</b>": -12, "<b>1</b>": 12, "<b>2</b>": 0}


def test_the_label_of_an_arrow_keeps_off_the_centres():
    loadings = pd.DataFrame(
        {
            "component": [1, 2],
            "feature": "spend",
            "loading": [0.0, 1.0],
            "explained_variance_ratio": [0.5, 0.2],
        }
    )

    def tip(*centre: float) -> float:
        centres = pd.DataFrame([(1, *centre)], columns=["segment_id", "x", "y"])
        figure = figures_space.component_map(crossed(), centres, loadings, LOOKS)
        return figure.layout.annotations[0].ay

    assert tip(4.0, -4.0) == pytest.approx(3.5)
    assert abs(tip(0.1, 3.4) - 3.4) > 0.5


def test_loadings_of_one_direction_share_an_arrow():
    points = pd.DataFrame({"segment_id": 1, "x": [-1.0, 1.0], "y": [-1.0, 1.0]})
    loadings = pd.DataFrame(
        {
            "component": [1, 2] * 3,
            "feature": ["spend"] * 2 + ["orders"] * 2 + ["age"] * 2,
            "loading": [0.8, 0.1, 0.7, 0.1, 0.0, 0.9],
            "explained_variance_ratio": [0.5, 0.2] * 3,
        }
    )
    figure = figures_space.component_map(points, pd.DataFrame(), loadings, LOOKS)
    assert [arrow.text for arrow in figure.layout.annotations] == ["Age", "Spend, Orders"]


def test_flows_between_numbers_of_segments_keep_every_row(shop):
    sankey = figures_trust.k_flow(data.k_flows(shop), 3, LOOKS).data[0]
    assert sum(sankey.link.value) == 240
    coloured = dict(zip(sankey.node.label, sankey.node.color, strict=True))
    assert coloured["k=3: 9"] == LOOKS[9].colour
    assert coloured["k=2: 1"] not in [look.colour for look in LOOKS.values()]


def test_migrations_show_joiners_and_leavers(shop):
    moves = data_trust.migrations(shop)
    sankey = figures_trust.migration_flow(moves, {1: "one"}, LOOKS).data[0]
    ends = [
        (sankey.node.label[a], sankey.node.label[b])
        for a, b in zip(sankey.link.source, sankey.link.target, strict=True)
    ]
    assert ("joined", "9") in ends
    assert ("2", "left") in ends
    assert sum(sankey.link.value) == 125


def test_retention_and_stability_and_drift_and_sizes(shop):
    assert len(figures_trust.retention_bars(data_shop.retention(shop), LOOKS).data) == 2
    assert list(figures_trust.stability_bars(data_trust.stability(shop), LOOKS).data[0].x) == [
        0.99,
        0.8,
        0.4,
    ]
    drift = figures_trust.drift_bars(data_trust.drift(shop)).data[0]
    assert list(drift.y) == ["Total spend", "Return rate", "Segment shares"]
    assert len(figures_trust.sizes_over_time(data_trust.sizes_over_time(shop), LOOKS).data) == 3
    dots = figures_trust.algorithm_dots(data_trust.algorithms(shop)).data[0]
    assert list(dots.y) == ["HDBSCAN", "k-means", "DBSCAN"]


def test_no_text_of_the_data_is_markup(shop):
    segments, moves = data.segments(shop), data_trust.migrations(shop)
    names = dict(zip(segments["segment_id"], segments["segment_name"], strict=True))
    drawn = [
        figures.sizes(segments, LOOKS),
        figures.donut(segments, LOOKS),
        figures.snake(data.profiles(shop), LOOKS),
        figures.k_curves(data.k_candidates(shop)),
        figures_trust.k_flow(data.k_flows(shop), 3, LOOKS),
        figures_trust.migration_flow(moves, names, LOOKS),
        figures_trust.sizes_over_time(data_trust.sizes_over_time(shop), LOOKS),
    ]
    for figure in drawn:
        found = texts(figure)
        for nasty in ("<script", "</script", "<img", "<b>bold", "silhouette <0.5>", "two <1>"):
            assert nasty not in found
