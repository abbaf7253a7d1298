"""Ensures that what a build says of the future is what the library says of the same rows."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from segmentation.building.summary import summary
from segmentation.diagnosis.statuses import status_features
from segmentation.value.forecast import Forecast, fit_forecast, forecast
from segmentation.value.order_value import OrderValueModel
from segmentation.value.predictive import judge, rfm_cells
from segmentation.value.purchases import PurchaseModel, leaving_nodes

FIGURES = ("probability_active", "expected_orders")
MONEY = ("expected_order_value", "expected_value", "value_at_risk")
HORIZON = 90


def read(project, query: str) -> pd.DataFrame:
    """Read the warehouse; decimals become floats."""
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        frame = connection.execute(query).df()
    is_money = [name for name, kind in frame.dtypes.items() if "decimal" in str(kind).lower()]
    return frame.astype(dict.fromkeys(is_money, float))


def test_the_forecast_is_the_librarys(whole_sample):
    rows = read(whole_sample, "from purchase_histories where days_back = 0 order by customer_id")
    own = forecast(fit_forecast(rows), rows, HORIZON)
    found = read(whole_sample, "from customer_value_forecast order by customer_id")
    assert found["customer_id"].tolist() == rows["customer_id"].tolist()
    for name in FIGURES:
        assert found[name].to_numpy(float) == pytest.approx(own[name].to_numpy(), abs=1e-6)
    for name in MONEY:
        assert found[name].to_numpy(float) == pytest.approx(own[name].to_numpy(), abs=0.006)


def random_histories(customers: int) -> pd.DataFrame:
    """Return customers with from one to very many purchases, and with nothing kept at all."""
    draw = np.random.default_rng(1)
    repeats = draw.integers(0, 6, customers) * draw.integers(0, 6, customers) ** 3
    age = draw.integers(0, 2_000, customers)
    paid = draw.binomial(repeats + 1, 0.6)
    return pd.DataFrame(
        {
            "days_back": 0,
            "customer_id": np.arange(customers),
            "repeats": repeats,
            "recency_days": np.where(repeats > 0, (age * draw.random(customers)).astype(int), 0),
            "age_days": age,
            "paid_days": paid,
            "spend": np.round(paid * draw.gamma(2, 20, customers), 2),
        }
    )


def parameters_of(fitted: Forecast, repeats: pd.Series) -> pd.DataFrame:
    values = {
        name: getattr(model, name)
        for model, names in (
            (fitted.purchases, ("r", "alpha", "a", "b")),
            (fitted.values, ("p", "q", "gamma")),
            (fitted, ("kept_share", "mean_value", "order_level", "value_level")),
        )
        for name in names
    }
    rows = pd.DataFrame({"parameter": list(values), "value": list(values.values())})
    table = pd.concat([rows, leaving_nodes(fitted.purchases, repeats.to_numpy())])
    return table.astype({"repeats": "Int64", "node": "Int64"})


@pytest.mark.parametrize("q", [3.7, 0.4], ids=["with an expectation", "without one"])
def test_sql_forecasts_any_customer_as_python_does(whole_sample, q):
    rows = random_histories(3_000)
    fitted = Forecast(
        PurchaseModel(0.6, 51.0, 0.8, 1.2, 0.0, can_leave_at_once=True),
        OrderValueModel(0.5, q, 15.4, 0.0),
        kept_share=0.7,
        mean_value=31.0,
        order_level=1.2,
        value_level=0.9,
    )
    parameters = parameters_of(fitted, rows["repeats"])
    compiled = whole_sample.folder / "target/compiled/segmentation/models/insights"
    query = (compiled / "customer_value_forecast.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as segmentation")
        for name, table in (("purchase_histories", rows), ("fit_purchases", parameters)):
            connection.register("given", table)
            connection.execute(f"create table segmentation.main.{name} as from given")
        found = connection.execute(f"select * from ({query}) order by customer_id").df()
    own = forecast(fitted, rows, HORIZON)
    for name in FIGURES:
        assert found[name].to_numpy() == pytest.approx(own[name].to_numpy(), rel=1e-7, abs=1e-12)
    for name in MONEY:
        assert found[name].to_numpy(float) == pytest.approx(own[name].to_numpy(), abs=0.006)


def test_rfm_cells_of_the_library_are_those_of_the_table(whole_sample):
    features = read(
        whole_sample,
        "select *, kept_orders as rfm_orders from customer_features order by customer_id",
    )
    rules = read(whole_sample, "from rfm_cells")
    table = read(whole_sample, "from customer_rfm order by customer_id")
    assert rfm_cells(features, rules).tolist() == table["rfm_cell"].tolist()


def test_what_hangs_on_statuses_is_counted_again_as_in_the_features(whole_sample):
    items = read(whole_sample, "from status_draw")
    found = status_features(items)
    features = read(
        whole_sample,
        "select *, cast(customer_id as varchar) as unit_id from customer_features order by unit_id",
    ).set_index("unit_id")
    assert len(items) > 2_000 and found.index.tolist() == features.index.tolist()
    for name, column in found.items():
        half_a_cent = 0.00501 if name in ("margin_to_date", "average_order_value") else 1e-6
        own = features[name].astype(float)
        np.testing.assert_allclose(column, own, atol=half_a_cent, rtol=0, err_msg=name)


def test_what_segments_foretold_can_be_worked_out_from_the_rows_of_the_earlier_day(whole_sample):
    past = read(whole_sample, "from past_customer_outcomes order by customer_id")
    later = past["later_spend"].to_numpy(float)
    everybody = np.full(len(past), "all")
    expected = forecast(fit_forecast(past), past, HORIZON)["expected_value"].to_numpy()
    own = judge(past, everybody, read(whole_sample, "from rfm_cells"), later, expected, seed=0)
    columns = ["predictor", "measure", "value", "low", "high"]
    kept = own.values[own.values["predictor"] != "segments"][columns]
    found = read(whole_sample, "from segment_predictive_value where predictor <> 'segments'")
    order = ["predictor", "measure"]
    pd.testing.assert_frame_equal(
        found[columns].sort_values(order, ignore_index=True),
        kept.sort_values(order, ignore_index=True),
        rtol=1e-6,
        check_dtype=False,
    )


def test_the_groups_of_each_predictor_hold_everybody_and_all_that_was_spent(whole_sample):
    sums = read(
        whole_sample,
        "select predictor, sum(units) as units, sum(observed_spend) as spend "
        "from predictive_value_by_group group by predictor",
    )
    [(units, spend)] = read(
        whole_sample, "select count(*) as units, sum(later_spend) as spend from horizon_outcomes"
    ).to_numpy()
    assert set(sums["predictor"]) == {"segments", "rfm_cells", "spend_fifths"}
    assert (sums["units"] == units).all()
    assert sums["spend"].to_numpy(float) == pytest.approx(float(spend))


def test_the_summary_and_the_quality_table_say_it_in_words(whole_sample):
    quality = whole_sample.published(
        "select segmentation, prediction from segmentation_quality order by segmentation"
    )
    of_customers, of_products = quality["prediction"]
    best = whole_sample.published(
        "select value from segment_predictive_value "
        "where predictor = 'segments' and measure = 'best_fifth_share'"
    )["value"].iloc[0]
    assert f"puts first brought {best:.0%} of the next 90 days' revenue" in of_customers
    assert of_products.endswith("product_features is not known for an earlier day.")
    assert of_customers in " ".join(summary(whole_sample.serving).split())
