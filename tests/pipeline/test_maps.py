"""Ensures that exports of other shops are mapped by one command, and that their figures are right.

What is right is computed by tests/made_up_exports.py from the rows that it draws.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from segmentation.cli.main import main
from tests import made_up_exports as made_up
from tests.pipeline.test_shop_contract import CDNOW, with_its_packages

INTAKE = ("--select", "+customer_features", "+dropped_rows", "+data_quality", "shop_products")
QUICK = ("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")
FEATURES = """
    select customer_id, total_spend as spend, total_orders as orders, total_items as items,
        returned_items as returned
    from customer_features order by customer_id
"""


def own_project(folder: Path, files: list[Path], *options: str) -> Path:
    """Make a dbt project that installs the package, and map files in it."""
    folder.mkdir()
    shutil.copy(CDNOW / "profiles.yml", folder)
    settings = {"name": "own", "version": "1.0.0", "profile": "cdnow", "vars": {"k": 3}}
    flags = {"require_ref_searches_node_package_before_root": True}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(settings | {"flags": flags}))
    package = {"packages": [{"local": str(CDNOW.parents[1])}]}
    (folder / "packages.yml").write_text(yaml.safe_dump(package))
    command = ["map", *map(str, files), "--write", "--project-dir", str(folder), *options]
    assert main(command) == 0
    return folder


@pytest.fixture
def mapped(make_project) -> Callable:
    """Write an export, map it, build what comes in; return the project, what is right and said."""

    def build(name: str, write: Callable[[Path], pd.DataFrame]) -> tuple:
        project = make_project(name)
        (project.folder / "files").mkdir()
        right = write(project.folder / "files")
        # Magento's items first: the orders beside them are found.
        files = sorted((project.folder / "files").iterdir(), reverse=True)
        root = own_project(project.folder / "project", files)
        project = with_its_packages(replace(project, root=root))
        done = project.run("build", *INTAKE, *QUICK)
        assert done.returncode == 0, done.stdout
        return project, right, " ".join(done.stdout.split())

    return build


def assert_right(project, right: pd.DataFrame) -> None:
    """Compare the features of each customer with what is right."""
    found = pd.DataFrame(project.query(FEATURES), columns=["customer", *made_up.FIGURES])
    found = found.set_index("customer").astype(float)
    assert list(found.index) == list(right.index)
    # An order may come to half a cent; its customer is then off by at most a cent for each.
    assert ((found["spend"] - right["spend"]).abs() <= 0.0051 * right["orders"]).all()
    counts = ["orders", "items", "returned"]
    pd.testing.assert_frame_equal(found[counts], right[counts].astype(float), check_names=False)


def test_an_invoice_table_has_net_spend_orders_and_return_rates(mapped):
    project, right, said = mapped("invoices", made_up.write_invoices)
    assert_right(project, right)
    spend = "select customer_id, total_spend from customer_features order by customer_id"
    assert {key: float(value) for key, value in project.query(spend)} == right["spend"].to_dict()
    table = pd.read_csv(project.folder / "files" / "invoices.csv")
    guests = table[table["CustomerID"].isna()]
    money = round(float((guests["Quantity"] * guests["UnitPrice"]).sum()), 2)
    ((rows, lost),) = project.query(
        "select rows, cast(money as double) from data_quality "
        "where table_name = 'invoices' and check_name = 'without customer'"
    )
    assert (rows, lost) == (len(guests), money)
    assert f"Only {len(table) - len(guests):,} of".replace(",", "") in said
    assert f"dropped are {len(guests)} without customer (for example '7" in said
    notes = int((table["Quantity"] < 0).sum())
    assert project.query("select rows from data_quality where check_name = 'credit note'") == [
        (notes,)
    ]
    rate = "select avg(return_rate) from customer_features where return_rate > 0"
    assert 0 < project.query(rate)[0][0] < 1


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("shopify", made_up.write_shopify),
        ("woocommerce", made_up.write_woocommerce),
        ("magento", made_up.write_magento),
        ("stripe", made_up.write_stripe),
    ],
)
def test_a_known_export_has_the_figures_of_its_rows(mapped, name, write):
    project, right, _ = mapped(name, write)
    assert_right(project, right)
    personal = "select count(*) from duckdb_columns() where column_name like '%email%'"
    assert project.query(personal) == [(0,)]
    kept = dict(
        project.query(
            "select check_name, rows from data_quality "
            "where check_name in ('rows read', 'rows kept', 'unknown status')"
        )
    )
    assert kept["rows read"] == kept["rows kept"]
    assert kept["unknown status"] == 0
