"""Ensures that another shop is mapped by models and vars, with nothing of the package changed."""

from dataclasses import replace
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

CDNOW = Path(__file__).resolve().parents[2] / "integration_tests" / "cdnow"

PURCHASES = """ customer_id  date number_of_cds  dollar_value
 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  5   77.00
 00003 19970102  2    0.00
 00003 19970330  2   20.76
"""
FEATURES = ("--select", "+customer_features", "shop_products", "data_quality")


@pytest.fixture(scope="module")
def cdnow(make_project):
    """CDNOW's project with five purchases, its package installed."""
    project = replace(make_project("cdnow"), root=CDNOW)
    (project.folder / "cdnow").mkdir()
    (project.folder / "cdnow" / "CDNOW_master.txt").write_text(PURCHASES, encoding="utf-8")
    folders = ["--project-dir", str(CDNOW), "--profiles-dir", str(CDNOW)]
    folders += ["--log-path", str(project.folder / "logs")]
    assert dbtRunner().invoke(["--quiet", "deps", *folders]).success
    return project


@pytest.fixture
def run(cdnow):
    """Run dbt in CDNOW's project; return what it says."""

    def say(*arguments: str, **options) -> tuple[int, str]:
        environment = {"SEGMENTATION_TEST_DATA": str(cdnow.folder)}
        done = cdnow.run(*arguments, environment=environment, **options)
        return done.returncode, " ".join(done.stdout.split())

    return say


def test_a_shop_of_orders_alone_is_mapped_with_its_text_keys(cdnow, run):
    code, said = run("build", *FEATURES, "--indirect-selection", "cautious")
    assert code == 0, said
    features = (
        "select customer_id, total_orders, total_items, total_spend * 100 from customer_features"
    )
    assert cdnow.query(f"{features} order by 1") == [
        (1, 1, 1, 1_177),
        (2, 1, 2, 8_900),
        (3, 2, 2, 2_076),
    ]
    assert cdnow.query("select max(order_item_id) from shop_order_items") == [("00003-19970330-1",)]
    assert cdnow.query("select count(*) from shop_customers") == [(3,)]
    assert cdnow.query("select count(*) from shop_products") == [(0,)]
    assert cdnow.query("select count(*) from data_quality") == [(0,)]
    assert cdnow.query("select count(*) from duckdb_tables() where table_name like '%look%'") == [
        (0,)
    ]


def test_a_required_column_that_is_missing_is_named(run):
    only = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    run("build", "--select", "cdnow_orders+1", *only)
    code, said = run(
        "build",
        "--select",
        "shop_order_items",
        *only,
        variables={"shop_order_items": "cdnow_orders"},
    )
    assert code != 0
    assert (
        "cdnow_orders, which fills shop_order_items, lacks the column order_item_id, sale_price "
        "(it has: order_id, customer_id, ordered_at); add it there" in said
    )
