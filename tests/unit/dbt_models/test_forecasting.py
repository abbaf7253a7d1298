"""The table of the forecast's parameters and nodes, made from drawn histories."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from segmentation.dbt_models import schemas
from segmentation.dbt_models.forecasting import fit_purchases_table
from segmentation.value.forecast import fit_forecast
from segmentation.value.purchases import NODES
from tests.unit.value.shops import histories

LAW = {"r": 0.5, "alpha": 30.0, "a": 0.9, "b": 1.8}


def drawn(customers: int) -> pd.DataFrame:
    repeats, recency, age = histories(customers, seed=1, can_leave_at_once=True, **LAW)
    return pd.DataFrame(
        {
            "customer_id": np.arange(customers),
            "repeats": repeats,
            "recency_days": recency,
            "age_days": age,
            "paid_days": repeats + 1,
            "spend": 20.0 * (repeats + 1) * (1 + np.arange(customers) % 3),
            "history_days": 400,
            "early_age_days": np.nan,
            "late_orders": 0,
            "late_spend": 0.0,
            "is_drawn": True,
        }
    )


def test_parameters_and_nodes_of_every_number_of_repeats():
    rows = drawn(1_500)
    other = rows.iloc[:1].assign(customer_id=np.nan, repeats=777, is_drawn=False)
    table = fit_purchases_table(pd.concat([other, rows])).to_pandas()
    parameters = table[table["node"].isna()].set_index("parameter")["value"]
    fitted = fit_forecast(rows)
    assert parameters["r"] == fitted.purchases.r
    assert parameters["gamma"] == fitted.values.gamma
    assert parameters["customers"] == 1_500
    nodes = table[table["node"].notna()].groupby("repeats")
    assert set(nodes.groups) == {*rows["repeats"], 777}
    assert (nodes.size() == NODES).all()
    assert nodes["weight"].sum().to_numpy() == pytest.approx(1)


def test_the_order_of_rows_does_not_matter():
    rows = drawn(500)
    shuffled = rows.sample(frac=1, random_state=3)
    assert fit_purchases_table(shuffled).equals(fit_purchases_table(rows))


def test_too_few_who_bought_again_are_a_note():
    table = fit_purchases_table(drawn(40)).to_pandas()
    assert table["parameter"].tolist() == ["note"]
    assert table["value"].isna().all()
    assert table["meaning"].str.match("Nothing is forecast: .* at least 50.").all()


def test_nobody_is_no_row():
    table = fit_purchases_table(drawn(2).iloc[:0])
    assert (table.num_rows, table.schema) == (0, schemas.PURCHASES)


def test_a_build_that_fits_nothing_else_does_not_wait_for_scikit_learn():
    script = (
        "import sys; from tests.unit.dbt_models.test_forecasting import *; "
        "print(fit_purchases_table(drawn(500)).num_rows > 99, 'sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "True False\n", done.stderr
