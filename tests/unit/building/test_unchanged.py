"""Ensures that a build is left out only where it would make again what stands."""

import os
from pathlib import Path

import pytest

from segmentation.building.unchanged import LastBuild, made_of
from segmentation.published.served import CommandError
from segmentation.published.serving_folder import DATABASE


@pytest.fixture
def shop(tmp_path, monkeypatch) -> Path:
    """A folder with a project, raw files, a warehouse and what it published."""
    settings = {"SEGMENTATION_RAW_PATH": str(tmp_path / "raw"), "HOME": "anywhere"}
    monkeypatch.setattr(os, "environ", settings)
    for name, content in {
        "project/dbt_project.yml": "name: segmentation",
        "project/models/deep/a.sql": "select 1",
        "project/logs/dbt.log": "12:00",
        "raw/orders.csv": "order_id\n1\n",
        "w.duckdb": "",
        f"serving/{DATABASE}": "published",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def asked(shop: Path, arguments: tuple[str, ...] = ()) -> str:
    return made_of(list(arguments), shop / "w.duckdb", shop / "project")


def last_build(shop: Path) -> LastBuild:
    return LastBuild.of(shop / "w.duckdb", shop / "serving")


def test_the_same_build_again_is_of_the_last_one(shop):
    assert not last_build(shop).is_of(asked(shop))
    last_build(shop).keep(asked(shop))
    (shop / "project/logs/dbt.log").write_text("12:01")
    (shop / "raw/orders.csv").touch()
    os.environ["HOME"] = "elsewhere"
    assert last_build(shop).is_of(asked(shop))


@pytest.mark.parametrize(
    "path, content",
    [
        ("raw/orders.csv", "order_id\n2\n"),
        ("raw/users.csv", "id\n"),
        ("project/models/deep/a.sql", "select 2"),
        ("project/seeds/segment_overrides.csv", "segment_id\n1\n"),
        ("w.campaigns.duckdb", "a campaign"),
        (f"serving/{DATABASE}", "published by another build"),
    ],
)
def test_any_other_file_asks_for_a_build(shop, path, content):
    last_build(shop).keep(asked(shop))
    (shop / path).parent.mkdir(exist_ok=True)
    (shop / path).write_text(content)
    assert not last_build(shop).is_of(asked(shop))


@pytest.mark.parametrize("path", ["w.duckdb", f"serving/{DATABASE}"])
def test_what_is_gone_is_built_again(shop, path):
    last_build(shop).keep(asked(shop))
    (shop / path).unlink()
    assert not last_build(shop).is_of(asked(shop))


def test_other_settings_ask_for_a_build(shop):
    last_build(shop).keep(asked(shop))
    assert not last_build(shop).is_of(asked(shop, ("--vars", "{recipe: article}")))
    os.environ["SEGMENTATION_TARGET"] = "spark"
    assert not last_build(shop).is_of(asked(shop))


def test_a_project_with_models_of_its_own_is_refused(shop):
    (shop / "project/dbt_project.yml").write_text("name: wines")
    with pytest.raises(CommandError, match="the models of wines may read from elsewhere"):
        asked(shop)
