"""Ensures that another shop is mapped by models and vars, with nothing of the package changed."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from dbt.cli.main import dbtRunner

CDNOW = Path(__file__).resolve().parents[2] / "integration_tests" / "cdnow"

PURCHASES = """ customer_id  date number_of_cds  dollar_value
 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  5   77.00
 00003 19970102  2    0.00
 00003 19970330  2   20.76
"""
FEATURES = ("--select", "+customer_features", "shop_products", "+data_quality")


@pytest.fixture(scope="module")
def cdnow(make_project):
    """CDNOW's project with five purchases, its package installed."""
    project = replace(make_project("cdnow"), root=CDNOW)
    (project.folder / "cdnow").mkdir()
    (project.folder / "cdnow" / "CDNOW_master.txt").write_text(PURCHASES, encoding="utf-8")
    return with_its_packages(project)


def with_its_packages(project):
    """Install the packages of a project's root."""
    folders = ["--project-dir", str(project.root), "--profiles-dir", str(project.root)]
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
        (2, 1, 6, 8_900),
        (3, 2, 4, 2_076),
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


ORDERS = """
select
    'order ' || customer || '/' || visit as order_id,
    'Kunde ' || customer as customer_id,
    timestamp '2024-01-01' + interval 1 day * ((customer * 7 + visit * 31) % 300) as ordered_at
from range(1, 241) as c(customer)
inner join range(1, 7) as v(visit) on visit <= 1 + customer % 6
"""
ITEMS = """
select
    order_id || ' #1' as order_item_id,
    order_id,
    customer_id,
    ordered_at,
    cast(5 + (hash(order_id) % 9000) / 100 as decimal(18, 2)) as sale_price
from {{ ref('own_orders') }}
"""


def test_a_shop_whose_customers_have_text_keys_is_built_whole(make_project):
    project = make_project("texts")
    root = project.folder / "project"
    (root / "models").mkdir(parents=True)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(CDNOW / name, root)
    settings = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8"))
    settings["vars"] |= {"shop_orders": "own_orders", "shop_order_items": "own_items"}
    settings["vars"]["key_types"] |= {"customer_id": "string"}
    (root / "dbt_project.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    package = {"packages": [{"local": str(CDNOW.parents[1])}]}
    (root / "packages.yml").write_text(yaml.safe_dump(package), encoding="utf-8")
    (root / "models" / "own_orders.sql").write_text(ORDERS, encoding="utf-8")
    (root / "models" / "own_items.sql").write_text(ITEMS, encoding="utf-8")
    project = with_its_packages(replace(project, root=root))
    done = project.run("build", "--exclude-resource-type", "unit_test", variables={"extras": False})
    assert done.returncode == 0, done.stdout
    found = project.published(
        "select count(*), count(distinct customer_id), min(customer_id) from customer_segments"
    )
    assert found.to_numpy().tolist() == [[240, 240, "Kunde 1"]]
