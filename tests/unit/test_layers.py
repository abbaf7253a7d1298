"""The layering that CONTRIBUTING.md promises."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMPORTS_DBT = re.compile(r"^\s*(import|from) dbt\b", re.MULTILINE)
REFS = re.compile(r"ref\('([a-z_]+)'\)")


def _models(folder: str) -> list[Path]:
    return sorted((ROOT / "models" / folder).rglob("*.sql"))


@pytest.mark.parametrize("path", sorted((ROOT / "segmentation").rglob("*.py")), ids=str)
def test_the_library_imports_no_dbt(path):
    assert not IMPORTS_DBT.search(path.read_text())


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("thelook", r"shop_|customer_|product_|int_"),
        ("shop", r"raw_|thelook_|customer_|product_|int_"),
        ("features", r"raw_|thelook_|int_"),
        ("quality", r"raw_|customer_|product_|int_"),
        ("intermediate", r"raw_|thelook_"),
        ("marts", r"raw_|thelook_"),
        ("semantic", r"raw_|thelook_"),
    ],
)
def test_a_layer_reads_only_what_stands_before_it(folder, forbidden):
    wrong = {
        (path.name, name)
        for path in _models(folder)
        for name in REFS.findall(path.read_text())
        if re.match(forbidden, name)
    }
    assert not wrong


def test_engine_specific_list_functions_stand_in_vector_macros_only():
    specific = re.compile(r"\b(list_[a-z_]+|struct_pack|array_sort|zip_with)\(")
    wrong = [
        path.relative_to(ROOT).as_posix()
        for folder in ("models", "macros")
        for path in sorted((ROOT / folder).rglob("*.sql"))
        if "vectors" not in path.parts and specific.search(path.read_text())
    ]
    assert not wrong
