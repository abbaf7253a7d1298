"""Ensures that a name has one figure wherever it is read: metric, table, report or command.

The published tables are counted again from the features and the segments of the customers.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from streamlit import config
from streamlit.testing.v1 import AppTest

from segmentation.building.summary import summary
from segmentation.cli.main import main
from segmentation.published.served import open_published
from segmentation.report import data, data_shop, sections
from segmentation.report.colours import looks
from segmentation.report.page import build_page, render
from segmentation.report.words import number, of_feature, percent
from tests.pipeline.test_semantic_layer import (
    metrics_project,  # noqa: F401
    query_metrics,
    read_table,
)

ROOT = Path(__file__).parents[2]
OF_CUSTOMERS = "where segmentation = 'customer'"
METRICS = ("customers", "revenue", "revenue_per_order", "returns_per_item")


@pytest.fixture(scope="module")
def published(whole_sample):
    """The published file, open as the report opens it."""
    with open_published(whole_sample.serving) as opened:
        yield opened


@pytest.fixture(scope="module")
def customers(whole_sample) -> pd.DataFrame:
    """Every customer's features and segment."""
    return whole_sample.published(
        "select features.*, segment_id from customer_features as features "
        "inner join customer_segments using (customer_id)"
    )


@pytest.fixture(scope="module")
def profiles(whole_sample) -> pd.DataFrame:
    """The customers' profiles."""
    return whole_sample.published(f"from segment_profiles {OF_CUSTOMERS}")


@pytest.fixture(scope="module")
def segments(whole_sample) -> pd.DataFrame:
    """The customers' segments, by id."""
    found = whole_sample.published(f"from segments {OF_CUSTOMERS} order by segment_id")
    return found.set_index("segment_id")


@pytest.fixture(scope="module")
def metrics(metrics_project) -> pd.DataFrame:  # noqa: F811
    """The metrics of the semantic layer, by segment."""
    printed = query_metrics(
        f"mf query --metrics {','.join(METRICS)} --group-by customer__segment_id "
        "--order customer__segment_id --decimals 6",
        metrics_project,
    )
    found = pd.DataFrame(read_table(printed), columns=["segment_id", *METRICS]).replace("", np.nan)
    return found.astype({"segment_id": int} | dict.fromkeys(METRICS, float)).set_index("segment_id")


def test_report_app_command_and_metrics_show_the_same_digits(
    whole_sample, metrics, capsys, monkeypatch
):
    html = render(build_page_of(whole_sample.serving))
    capsys.readouterr()
    assert main(["segments", "--serving", str(whole_sample.serving)]) == 0
    listed = capsys.readouterr().out
    monkeypatch.setenv("SEGMENTATION_SERVING", str(whole_sample.serving))
    script = str(ROOT / "segmentation" / "app" / "main.py")
    # Streamlit looks for settings beside a script that it starts.
    monkeypatch.setattr(config, "_main_script_path", script)
    config.get_config_options(force_reparse=True)
    opened = AppTest.from_file(script, default_timeout=60).run()
    opened.switch_page("views/segments.py").run()
    known = metrics.assign(revenue=metrics["revenue"].fillna(0))
    customers, revenue = known["customers"].sum(), known["revenue"].sum()
    for segment, row in known.iterrows():
        size, share = f"{row.customers:,.0f} customers", row.customers / customers
        of_revenue = row.revenue / revenue
        figures = {
            "Revenue": number(row.revenue, 0),
            "Revenue per customer": number(row.revenue / row.customers),
        }
        start = html.index(f'<article class="card" id="segment-{segment}"')
        card = html[start : html.index("</article>", start)]
        assert f"{size}" in card
        assert f"{percent(share)} of customers" in card
        assert f"{percent(of_revenue)} of revenue" in card
        opened.selectbox(key="segment_customer").set_value(segment).run()
        shown = "".join(one.body for one in opened.get("html"))
        captions = " ".join(one.value for one in opened.caption).replace("\\", "")
        assert f"{size}, {percent(share)} of all, {percent(of_revenue)} of revenue" in captions
        for name, value in figures.items():
            assert f"<dt>{name}</dt><dd>{value}</dd>" in card
            assert f"<dt>{name}</dt><dd>{value}</dd>" in shown
        assert f"   {size} ({share:.1%}), {of_revenue:.1%} of revenue\n" in listed


def build_page_of(serving: Path):
    with open_published(serving) as opened:
        return build_page(opened)


def test_metrics_are_what_the_tables_say(metrics, segments, profiles):
    found = metrics
    assert list(found.index) == list(segments.index)
    assert found["customers"].tolist() == segments["units"].tolist()
    assert found["revenue"].fillna(0).tolist() == segments["revenue"].astype(float).tolist()
    shared = profiles[profiles["ratio_name"].isin(METRICS)]
    assert "revenue_per_order" in set(shared["ratio_name"])
    for row in shared.itertuples():
        metric = found.loc[row.segment_id, row.ratio_name]
        assert metric == pytest.approx(row.ratio_of_sums, abs=1e-6, nan_ok=True)


def test_no_metric_has_the_name_of_another_figure(customers):
    assert not set(METRICS[1:]) & set(customers.columns)


def test_profiles_are_of_the_customers(customers, profiles):
    for row in profiles.itertuples():
        inside = customers["segment_id"] == row.segment_id
        own = customers.loc[inside, row.feature].astype(float)
        rest = customers.loc[~inside, row.feature].astype(float)
        assert (row.value_count, row.rest_count) == (own.count(), rest.count())
        figures = (row.mean, row.rest_mean)
        assert figures == pytest.approx((own.mean(), rest.mean()), abs=1e-6)
        assert row.median == pytest.approx(own.median(), abs=0.00501)  # no half cents
        assert row.mean_low <= row.mean <= row.mean_high
        assert np.isnan(row.effect_size) or row.effect_low <= row.effect_size <= row.effect_high


def test_shares_of_the_report_are_of_the_customers(whole_sample, customers):
    report = whole_sample.published(
        f"from cluster_report {OF_CUSTOMERS} and feature in ('gender', 'most_frequent_brand')"
    )
    for row in report.itertuples():
        inside = customers["segment_id"] == row.segment_id
        has = customers[row.feature] == row.value
        table = pd.crosstab(inside, has).reindex([True, False], columns=[True, False], fill_value=0)
        (a, b), (c, d) = table.to_numpy()
        assert (row.units, row.share) == (a, a / (a + b))
        ends = stats.binomtest(int(a), int(a + b)).proportion_ci(method="wilson")
        assert (row.share_low, row.share_high) == pytest.approx((ends.low, ends.high))
        if c:
            assert row.rest_lift == pytest.approx(a / (a + b) / (c / (c + d)))
            assert row.rest_lift_low <= row.rest_lift <= row.rest_lift_high
        else:
            assert np.isnan(row.rest_lift) and np.isnan(row.rest_lift_high)


def test_retention_in_the_report_is_that_of_the_table(whole_sample, published):
    rates = whole_sample.published("from segment_retention where customers_observable > 0")
    assert (rates["retention_low"] <= rates["retention_rate"]).all()
    assert (rates["retention_rate"] <= rates["retention_high"]).all()
    for row in data_shop.retention(published).itertuples():
        own = rates[
            (rates["segment_id"] == row.segment_id) & (rates["window_days"] == row.window_days)
        ]
        ends = stats.binomtest(
            int(own["customers_returned"].sum()), int(own["customers_observable"].sum())
        ).proportion_ci(method="wilson")
        assert (row.low, row.high) == pytest.approx((ends.low, ends.high))


def test_the_report_says_what_the_tables_say(published, segments, profiles):
    known = data.segments(published)
    sizes = sections.size_charts(known, looks(known["segment_id"]), "customers")[0].table
    assert [row[2:5] for row in sizes.rows] == [
        (f"{row.units:,}", percent(row.share), number(float(row.revenue)))
        for row in segments.itertuples()
    ]
    means, effects = sections.profile_charts(data.profiles(published), looks(known["segment_id"]))
    for feature, row in enumerate(means.table.rows):
        assert len(row) == len(segments) + 1, feature
    assert cells(means) == told(profiles, "mean", of_feature)
    clear = profiles.assign(
        effect_size=profiles["effect_size"].where(
            (profiles["effect_low"] > 0) | (profiles["effect_high"] < 0)
        )
    )
    assert cells(effects) == told(clear, "effect_size", lambda _, value: number(value))


def cells(chart) -> set[tuple[str, ...]]:
    """Return the rows of a chart's table without the feature's label."""
    return {row[1:] for row in chart.table.rows}


def told(profiles: pd.DataFrame, column: str, form) -> set[tuple[str, ...]]:
    """Return what a table of features and segments must say."""
    shown = profiles[
        profiles["mean"].notna()
        & profiles["effect_size"].notna().groupby(profiles["feature"]).transform("any")
    ]
    wide = shown.pivot(index="feature", columns="segment_id", values=column)
    return {
        tuple(form(name, value) for value in row)
        for name, row in zip(wide.index, wide.to_numpy(float), strict=True)
    }


def test_commands_say_what_the_tables_say(whole_sample, segments, tmp_path, capsys):
    text = summary(whole_sample.serving)
    for segment, row in segments.iterrows():
        name = re.escape(" ".join(row["segment_name"].split()[:3]))  # a long one goes on below
        money = rf"{row['revenue']:,.0f} +{row['revenue_share']:.1%}"
        line = rf"^ +{segment}  {name}.* {row['units']:,} +{row['share']:.1%} +{money}$"
        assert re.search(line, text, flags=re.MULTILINE)
    first = segments.index[0]
    folder = str(whole_sample.serving)
    assert (
        main(["export", "--serving", folder, "--segment", str(first), "--out", str(tmp_path)]) == 0
    )
    (file,) = tmp_path.glob("*.csv")
    assert len(pd.read_csv(file)) == segments.loc[first, "units"]


WHOLES = {
    "customer_features": {
        "average_order_value": "kept_orders",
        "return_rate": "delivered_items",
        "cancellation_rate": "total_items",
    },
    "product_features": {
        "average_price": "items",
        "cancellation_rate": "items",
        "repeat_share": "distinct_buyers",
    },
    "segment_profiles": {"mean": "value_count", "rest_mean": "rest_count"},
    "segment_retention": {"retention_rate": "customers_observable"},
    "cluster_report": {"lift": "population_share", "rest_lift": "rest_share"},
    "basket_pairs": {"lift": "expected"},
}
"""What each published ratio is divided by, where that is published too."""
ESTIMATES = {"": "value", "effect": "effect_size", "retention": "retention_rate"}
"""What an interval is of, where it has another name than the interval."""


@pytest.fixture(scope="module")
def columns(whole_sample) -> pd.DataFrame:
    """Every published column: table_name, column_name, data_type."""
    return whole_sample.published("from information_schema.columns where table_schema = 'main'")


def test_every_published_figure_is_a_number(whole_sample, columns):
    for table, own in columns[columns["data_type"].isin(["DOUBLE", "FLOAT"])].groupby("table_name"):
        wrong = " or ".join(f"not isfinite({name})" for name in own["column_name"])
        found = whole_sample.published(f"from {table} where {wrong}")
        assert found.empty, table


@pytest.mark.parametrize("table", WHOLES)
def test_no_ratio_of_nothing_is_a_number(whole_sample, table):
    for ratio, whole in WHOLES[table].items():
        found = whole_sample.published(
            f"from {table} where coalesce({whole}, 0) = 0 and {ratio} is not null"
        )
        assert found.empty, ratio


def test_there_are_ratios_of_nothing(whole_sample):
    for ratio, whole in WHOLES["customer_features"].items():
        found = whole_sample.published(f"select {ratio} from customer_features where {whole} = 0")
        assert len(found) or whole == "total_items", ratio


def test_no_interval_excludes_its_own_estimate(whole_sample, columns):
    lows = columns[columns["column_name"].str.fullmatch("low|.*_low")]
    assert {"segment_profiles", "cluster_report", "segment_retention"} < set(lows["table_name"])
    # The sample has no campaign: keeps_rules of campaign_results holds those at every build.
    for row in lows[lows["table_name"] != "campaign_results"].itertuples():
        name = row.column_name.removesuffix("low")
        base = name.removesuffix("_")
        estimate = ESTIMATES.get(base, base)
        found = whole_sample.published(
            f"select {name}low as low, {estimate} as estimate, {name}high as high "
            f"from {row.table_name} where {name}low is not null and {estimate} is not null"
        )
        assert found["estimate"].between(found["low"], found["high"]).all(), (row, estimate)
        assert len(found) or row.table_name == "basket_pairs", row
