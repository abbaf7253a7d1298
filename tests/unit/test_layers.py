"""Ensures that folders read from left to right, and that each thing is known in one place only."""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
LEFT_TO_RIGHT = [
    "thelook",
    "shop",
    "features",
    "quality",
    "segmentation/plan",
    "segmentation/fit",
    "segmentation/apply",
    "segmentation/describe",
    "insights",
    "baskets",
    "segmentation/history",
    "semantic",
    "publish",
]
"""Every folder of models; each reads only those before it. The log of the models stands right of
what is audited, because a model serves only after all audits."""


def folder(node: dict) -> str:
    """Return the folder of a model: in thelook and the like with all that is below it."""
    path = PurePosixPath(node["original_file_path"]).relative_to("models").parts
    return "/".join(path[:2] if path[0] == "segmentation" else path[:1])


def sql_models(manifest: dict) -> dict[str, dict]:
    return {key: node for key, node in models(manifest).items() if node["language"] == "sql"}


def models(manifest: dict) -> dict[str, dict]:
    return {
        key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }


def parents(manifest: dict, node: dict) -> Iterator[dict]:
    """Return the SQL models above a node; Python models have no folder and are looked through."""
    for key in node["depends_on"]["nodes"]:
        above = models(manifest).get(key)
        if above and above["language"] == "sql":
            yield above
        elif above:
            yield from parents(manifest, above)


@pytest.fixture(scope="module")
def readings(manifest) -> set[tuple[str, str]]:
    """Which model reads which of another folder, as paths; metrics read models, too."""
    readers = [*sql_models(manifest).values(), *manifest["semantic_models"].values()]
    return {
        (reader["original_file_path"], above["original_file_path"])
        for reader in readers
        for above in parents(manifest, reader)
        if folder(reader) != folder(above)
    }


def folders_read(readings: set[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for pair in readings:
        reader, above = (folder({"original_file_path": path}) for path in pair)
        found.setdefault(reader, set()).add(above)
    return found


def test_every_folder_of_models_has_its_place(manifest):
    assert {folder(node) for node in sql_models(manifest).values()} == set(LEFT_TO_RIGHT)


def test_folders_make_no_circle(readings):
    TopologicalSorter(folders_read(readings)).prepare()


def test_a_folder_reads_only_folders_to_its_left(readings):
    places = {name: place for place, name in enumerate(LEFT_TO_RIGHT)}
    wrong = [
        f"{reader} reads {above}"
        for reader, above in sorted(readings)
        if places[folder({"original_file_path": reader})]
        < places[folder({"original_file_path": above})]
    ]
    assert not wrong


def test_what_is_fitted_depends_on_the_plan_alone(readings):
    assert folders_read(readings)["segmentation/fit"] == {"segmentation/plan"}


def test_the_raw_shop_has_one_door(readings):
    read = {
        (reader.split("/")[1], PurePosixPath(above).stem)
        for reader, above in readings
        if above.startswith("models/thelook/")
    }
    assert read == {
        ("shop", "thelook_customers"),
        ("shop", "thelook_orders"),
        ("shop", "thelook_order_items"),
        ("shop", "thelook_products"),
        ("shop", "thelook_data_quality"),
    }


def test_what_earlier_builds_left_is_read_by_the_plans_only(manifest):
    readers = {
        node["original_file_path"]
        for node in models(manifest).values()
        if any(key.startswith("source.") for key in node["depends_on"]["nodes"])
    }
    plans = {path for path in readers if path.startswith("models/segmentation/plan/")}
    assert plans
    assert readers - plans == {"models/baskets/basket_plan.sql"}


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def importers(package: str) -> set[str]:
    """Return the library's modules that import a package, or something of it."""
    wanted = re.compile(rf"{re.escape(package)}(\.|$)")
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "segmentation").rglob("*.py")
        if any(wanted.match(name) for name in imported(path))
    }


def test_the_library_imports_no_dbt_but_to_start_it():
    assert importers("numpy") and importers("dbt") == {"segmentation/building/start_dbt.py"}


def test_the_library_needs_no_bodies_of_dbt_models():
    bodies = {path for path in importers("segmentation.dbt_models") if "/dbt_models/" in path}
    assert importers("segmentation.dbt_models") == bodies != set()


def test_a_python_model_calls_the_library_and_does_nothing_else():
    called = {name for path in (ROOT / "python_models").glob("*.py") for name in imported(path)}
    modules = {".".join(name.split(".")[:3]) for name in called}
    assert modules == {
        "segmentation.dbt_models.baskets",
        "segmentation.dbt_models.campaigns",
        "segmentation.dbt_models.describing",
        "segmentation.dbt_models.fitting",
        "segmentation.dbt_models.forecasting",
        "segmentation.dbt_models.judging",
        "segmentation.dbt_models.proving",
        "segmentation.published.publishing",
        "segmentation.published.staging",
    }
