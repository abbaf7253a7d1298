"""Ensures that a mutant is told from its original, and that the list fits the code."""

import re

import pytest

from tools.mutants import DBT, ROOT, Mutant, read_mutants, survives

ADD = Mutant("add", "sums.py", "a + b", "a - b", "test_sums.py")


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "sums.py").write_text("def add(a, b):\n    return a + b\n")
    (tmp_path / "test_sums.py").write_text(
        "from sums import add\n\n\ndef test_add():\n    assert add(2, 2) == 4\n"
    )
    return tmp_path


def test_a_mutant_that_a_test_notices_does_not_survive(checkout):
    assert not survives(ADD, checkout)
    assert "a + b" in (checkout / "sums.py").read_text()


def test_a_mutant_that_no_test_notices_survives(checkout):
    assert survives(Mutant("same", "sums.py", "a + b", "b + a", "test_sums.py"), checkout)


def test_a_test_that_does_not_run_is_an_error_and_no_success(checkout):
    with pytest.raises(ValueError, match="could not run test_nothing"):
        survives(Mutant("add", "sums.py", "a + b", "a - b", "test_nothing.py"), checkout)


def test_the_list_fits_the_code():
    mutants = read_mutants()
    assert len(mutants) == len({one.name for one in mutants}) > 10
    for one in mutants:
        text = (ROOT / one.file).read_text(encoding="utf-8")
        assert text.count(one.old) == 1, one.name
        if one.test.startswith(DBT):
            assert one.test.removeprefix(DBT) in unit_tests_of_dbt(), one.name
        else:
            assert all((ROOT / test.split("::")[0]).exists() for test in one.test.split()), one.name


def unit_tests_of_dbt() -> set[str]:
    """Return the names of the unit tests that stand beside the models."""
    files = (ROOT / "models").rglob("*__unit_tests.yml")
    texts = [path.read_text(encoding="utf-8") for path in files]
    return {name for text in texts for name in re.findall(r"(?m)^  - name: (\w+)$", text)}
