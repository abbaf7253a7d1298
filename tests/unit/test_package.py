"""Ensures that the macros can be called from a project that installs this one.

dbt looks up a plain name in the project of the calling model: there, a macro finds its siblings
only as ``segmentation.sibling(…)``, and a parameter called ``segmentation`` would hide them.
"""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "macros").rglob("*.sql")) + sorted((ROOT / "tests/data/generic").glob("*"))
MACRO = re.compile(r"{%-?\s*macro\s+(\w+)\s*\(([^)]*)\)")
BLOCK = re.compile(r"{%(?!-?\s*macro\b)(.*?)%}|{{(.*?)}}", re.DOTALL)
TEXT = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
NAMES = {name for path in FILES for name, _ in MACRO.findall(path.read_text())}
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)


def calls(text: str) -> set[str]:
    """Plain calls in the blocks of a file, texts and comments left out."""
    blocks = [TEXT.sub("''", "".join(found)) for found in BLOCK.findall(COMMENT.sub("", text))]
    return {name for block in blocks for name in re.findall(r"(?<![\w.])(\w+)\(", block)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_macro_names_the_package_of_the_macros_it_calls(path):
    assert not calls(path.read_text()) & NAMES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_parameter_hides_the_package(path):
    for name, parameters in MACRO.findall(path.read_text()):
        assert not re.search(r"\bsegmentation\b(?!\s*\.)", TEXT.sub("", parameters)), name


def test_the_search_finds_a_plain_call():
    assert calls("{% set x = dot_product('a(', b) %} sum(1) {{ f(g(1)) }}") == {
        *("dot_product", "f", "g")
    }


def test_no_yaml_describes_a_data_test():
    """dbt warns of each one in a project that has switched the package's tests off."""
    files = sorted((ROOT / "tests/data").rglob("*.y*ml"))
    assert not [path.name for path in files if "data_tests:" in path.read_text()]


@pytest.mark.parametrize(
    "path",
    [
        *("dbt_project.yml", "integration_tests/tables_only.yml"),
        "integration_tests/cdnow/dbt_project.yml",
    ],
)
def test_no_project_of_ours_lets_dbt_call_home(path):
    project = yaml.safe_load((ROOT / path).read_text())
    assert project["flags"]["send_anonymous_usage_stats"] is False
